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

// What is meant is never itself taken for a misspelling.
func TestMeantIsRight(t *testing.T) {
	t.Parallel()
	for wrong, right := range misspelt() {
		a, err := ParseAddress("a@" + right)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := a.Meant(); ok {
			t.Errorf("%s means %s, which is taken for %s", wrong, right, got)
		}
	}
}
