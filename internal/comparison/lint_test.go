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

// What a reader cannot see, or a link cannot be, is refused before a mail's
// checks have to.
func TestUnseenAndUnusable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ key, value, want string }{
		{"name", `\u2060Penfold`, "name: begins or ends with an invisible character (U+2060)"},
		{"name", `Penfold\u200b`, "(U+200B)"},
		{"name", `\u00adPenfold`, "(U+00AD)"},
		{"tagline", `\u2060Words`, "tagline: begins or ends"},
		{"name", `\u2060`, "name: has no visible character"},
		{"name", `\u3164\u2800`, "has no visible character"},
		{"name", `   `, "name: is missing"},
		{"name", `Ink\u200bwell`, `in both tools`},
		{"name", `Ｉｎｋｗｅｌｌ`, `in both tools`},
		{"name", `ink-well`, `in both tools`},
		{"tagline", `a\u202eb`, "direction of text"},
		{"tagline", `a\u2066b`, "direction of text"},
		{"tagline", `a\u0007b`, "control character"},
		{"tagline", `a\u0085b`, "control character"},
		{"url", `https://a..example/`, "url: \"a..example\" is not a host"},
		{"url", `https://a.example:99999/`, "url: 99999 is not a port"},
		{"url", `https://a.example/a b`, "is not a URL"},
		{"url", `https://a.example/%zz`, "is not a URL"},
		{"name", `👩‍💻`, ""},
		{"name", `🏴󠁧󠁢󠁥󠁮󠁧󠁿`, ""},
		{"name", `☎️`, ""},
		{"name", "می\u200cخواهم", ""},
		{"name", `C++`, ""},
	} {
		src := `{"published": "2026-11-18", "slug": "x", "tools": [{"name": "Quill", "` + tt.key + `": "` + tt.value + `"}, {"name": "Inkwell"}]}`
		if tt.key == "name" {
			src = strings.Replace(src, `"name": "Quill", `, "", 1)
		}
		_, problems := Parse("x.json", []byte(src))
		assertProblem(t, tt.key+" "+tt.value, problems, tt.want, 1)
	}
	c, problems := Parse("x.json", []byte(`{"published": "2026-11-18", "tools": [{"name": "A", "tagline": "a\ud800b"}, {"name": "B"}]}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	assertProblem(t, "a lone surrogate", c.Lint(time.Now()), "has U+FFFD, which stands for a character that was lost on the way", 1)
}
