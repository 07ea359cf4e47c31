package spelling

import (
	"strings"
	"testing"
)

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

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 102400: "102,400", -100: "-100", -1234567: "-1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	const long = "It found the breaking change that we had forgotten and said so in a sentence that a reader follows at once"
	for _, x := range []struct{ was, now, want string }{
		{"Free", "$7 a month", "“Free” → “$7 a month”"},
		{"", "$7", "nothing → “$7”"},
		{"3", "", "“3” → nothing"},
		{"a b a", "a a", "“a b a” → “a a”"},
		{long, strings.Replace(long, "forgotten", "missed", 1), "“… that we had forgotten and said so …” → “… that we had missed and said so …”"},
		{long, long + " too", "“… follows at once” → “… follows at once too”"},
		{"x", strings.Repeat("y", 500), "“x” → “" + strings.Repeat("y", 159) + "…”"},
	} {
		if got := Changed(x.was, x.now, "nothing"); got != x.want {
			t.Errorf("got %s\nwant %s", got, x.want)
		}
	}
}
