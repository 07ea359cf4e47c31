package subscribers

import "testing"

func TestMeant(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Grace.Hopper@gmial.com": "Grace.Hopper@gmail.com",
		"a@GMAIL.CON":            "a@gmail.com",
		"a@gmial.con":            "a@gmail.com",
		"a@hotmai.com":           "a@hotmail.com",
		"a@example.ogr":          "a@example.org",
		"a@gmail.com":            "",
		"a@mail.com":             "", // a provider of its own, a letter away from another
		"a@ymail.com":            "",
		"a@gmx.com":              "",
		"a@yahoo.co.uk":          "",
		"a@example.co":           "",
		"a@hotnail.com":          "a@hotmail.com",
		"a@gmaik.com":            "a@gmail.com",
		"a@gmail.c":              "",
		"a@gmaiil.com":           "a@gmail.com",
		"a@outlook.vom":          "a@outlook.com",
		"a@t-onlien.de":          "a@t-online.de",
		"a@gmx.ed":               "a@gmx.de",
		"a@web.dee":              "a@web.de",
		"a@wbe.de":               "a@web.de",
		"a@gmx.net":              "",
		"a@gmx.fr":               "",
		"a@wel.de":               "",
		"a@email.com":            "",
		"a@cloud.com":            "",
		"a@yahoo.fr":             "",
		"a@hotmail.de":           "",
		"a@outlook.fr":           "",
		"a@live.de":              "",
	} {
		a, err := ParseAddress(typed)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := a.Meant(); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t, want %q", typed, got, ok, want)
		}
	}
}

// misspelt are domains that people have written, and what they meant.
func misspelt() map[string]string {
	return map[string]string{
		"gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmal.com": "gmail.com", "gamil.com": "gmail.com", "gmaill.com": "gmail.com",
		"gmali.com": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.om": "gmail.com", "gnail.com": "gmail.com",
		"gmil.com": "gmail.com", "gemail.com": "gmail.com", "gimail.com": "gmail.com", "ggmail.com": "gmail.com", "gmaul.com": "gmail.com",
		"googlemail.co": "googlemail.com", "googelmail.com": "googlemail.com",
		"hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotmal.com": "hotmail.com", "homail.com": "hotmail.com",
		"hotmil.com": "hotmail.com", "hotamil.com": "hotmail.com", "hotmail.co": "hotmail.com", "hotmaill.com": "hotmail.com",
		"outlok.com": "outlook.com", "outloo.com": "outlook.com", "outllok.com": "outlook.com", "oulook.com": "outlook.com", "outlook.co": "outlook.com",
		"yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yhaoo.com": "yahoo.com", "yhoo.com": "yahoo.com", "yahoo.co": "yahoo.com",
		"iclod.com": "icloud.com", "iclould.com": "icloud.com", "icoud.com": "icloud.com", "icloud.co": "icloud.com",
		"protonmial.com": "protonmail.com", "protonmal.com": "protonmail.com", "protonmai.com": "protonmail.com",
	}
}

// Each of them is a slip, and what is meant is never itself taken for one.
func TestMeantIsRight(t *testing.T) {
	t.Parallel()
	for wrong, right := range misspelt() {
		if got, ok := slipOf(wrong); got != right || !ok {
			t.Errorf("%s: got %q, want %s", wrong, got, right)
		}
		a, err := ParseAddress("a@" + right)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := a.Meant(); ok {
			t.Errorf("%s means %s, which is taken for %s", wrong, right, got)
		}
	}
}
