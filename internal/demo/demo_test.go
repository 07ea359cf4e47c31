package demo

import (
	"strings"
	"testing"
)

// Lines are broken at words, and what goes on is indented; a word that is too
// long stays whole.
func TestLine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	d := New(Parts{Out: &out})
	d.width = 24
	d.line("the site        %s", "http://127.0.0.1:8080/a")
	d.line("one click in the mail program")
	d.line("short")
	want := "  the site\n      http://127.0.0.1:8080/a\n  one click in the mail\n      program\n  short\n"
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
