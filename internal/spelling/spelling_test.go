package spelling

import "testing"

func TestMeant(t *testing.T) {
	t.Parallel()
	keys := []string{"port", "host", "tls", "password_file", "at"}
	for word, want := range map[string]string{
		"prot": "port", "Hots": "host", "tsl": "tls", "pasword_file": "password_file",
		"zzzzz": "", "": "", "xx": "", "hostnames": "",
	} {
		got, ok := Meant(word, keys)
		if (want != "") != ok || ok && got != want {
			t.Errorf("Meant(%q): got %q, %v, want %q", word, got, ok, want)
		}
	}
	if got, ok := Meant("prot", nil); ok {
		t.Errorf("got %q of no candidates, want none", got)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	got, edits := Nearest("mail/digset.html.tmpl", []string{"mail/digest.txt.tmpl", "mail/digest.html.tmpl"})
	if got != "mail/digest.html.tmpl" || edits != 2 {
		t.Errorf("got %q after %d edits, want mail/digest.html.tmpl after 2", got, edits)
	}
}
