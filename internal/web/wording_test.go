package web

import (
	"strings"
	"testing"
)

// A page and both feeds say a verdict with its votes, and never a bare share
// beside "Skip"; a take that nobody signed is numbered.
func TestVerdictsInWords(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for path, want := range map[string][]string{
		"/compare/karpathy-coding-skills-vs-smolvlm2": {"Ship, 3 of 4", "75% ship, 25% skip", "No reader has voted yet"},
		"/compare/prompt-binder-vs-inkwell":           {"Review 1"},
		"/feed.xml":                                   {"Ship, 3 of 4 (75%)"},
		"/feed.json":                                  {"Ship, 3 of 4 (75%)"},
	} {
		body := s.get(t, path).body
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: got no %q", path, w)
			}
		}
		for _, gone := range []string{"Take 1", "The source", "Ship 75%", "Ship, 75%"} {
			if strings.Contains(body, gone) {
				t.Errorf("%s: got %q", path, gone)
			}
		}
	}
}
