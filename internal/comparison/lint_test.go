package comparison

import (
	"strings"
	"testing"
	"time"
)

// A text that YAML cut is named with its line, and does not stop the comparison.
func TestLintNamesCutTexts(t *testing.T) {
	t.Parallel()
	src := "published: 2026-11-18  # a date\ntools:\n- name: Penfold\n  tagline: The #1 editor for release notes\n  entry: Free    # the price to start\n" +
		"- name: C # one\n  best_for: #hashtags\n  take: 1\n"
	c, problems := Parse("x.yaml", []byte(strings.Replace(src, "  take: 1\n", "", 1)))
	if len(problems) > 0 {
		t.Fatalf("got %v, want none", problems)
	}
	got := c.Lint(time.Now())
	want := []string{`x.yaml:4: tagline: YAML takes "#1 editor for release notes" for a comment`, `x.yaml:6: name: YAML takes "# one"`, `x.yaml:7: best_for: YAML takes "#hashtags"`}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %d", got, len(want))
	}
	for i, w := range want {
		if !strings.HasPrefix(got[i].String(), w) {
			t.Errorf("got %s, want %s", got[i], w)
		}
	}
}

func TestNormalURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://en.wiki.example/wiki/Cursor_(code_editor)": "https://en.wiki.example/wiki/Cursor_%28code_editor%29",
		"https://example.org/o'reilly":                      "https://example.org/o%27reilly",
		"https://inkwell.example/?q=ü":                      "https://inkwell.example/?q=%C3%BC",
		"https://bücher.example/straße#größe":               "https://xn--bcher-kva.example/stra%C3%9Fe#gr%C3%B6%C3%9Fe",
		"https://BÜCHER.example:8443/":                      "https://xn--bcher-kva.example:8443/",
		"http://[2606:4700::1]:8080/a":                      "http://[2606:4700::1]:8080/a",
		"https://a.example/x?y=1&z=%20#f":                   "https://a.example/x?y=1&z=%20#f",
		"https://a.example/%C3%BC":                          "https://a.example/%C3%BC",
		"not a url":                                         "not a url",
		"/relative":                                         "/relative",
		"https://例え.テスト/パス":                                 "https://xn--r8jz45g.xn--zckzah/%E3%83%91%E3%82%B9",
	} {
		got := NormalURL(in)
		if got != want {
			t.Errorf("NormalURL(%q): got %q, want %q", in, got, want)
		}
		if again := NormalURL(got); again != got {
			t.Errorf("NormalURL(%q): got %q, want it unchanged", got, again)
		}
	}
}
