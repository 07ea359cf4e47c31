package wording

import (
	"html/template"
	"strings"
	"testing"
)

// One address, in one form: what html/template makes of it in an attribute is
// the same again.
func TestLink(t *testing.T) {
	t.Parallel()
	attribute := template.Must(template.New("").Parse(`<a href="{{.}}">`))
	for raw, want := range map[string]string{
		"":                            "",
		" https://example.org/a ":     "https://example.org/a",
		"https://example.org/a_(b)":   "https://example.org/a_%28b%29",
		"https://example.org/o'r":     "https://example.org/o%27r",
		"https://bücher.example/é?ü":  "https://xn--bcher-kva.example/%C3%A9?%C3%BC",
		"https://example.org:8443/x":  "https://example.org:8443/x",
		"http://[::1]:80/x":           "http://[::1]:80/x",
		"https://example.org/?a=1&b":  "https://example.org/?a=1&b",
		"https://example.org/%e4#a b": "https://example.org/%e4#a%20b",
		"https://example.org/a|b\"<":  "https://example.org/a%7Cb%22%3C",
		"https://EXAMPLE.org/":        "https://example.org/",
	} {
		got, ok := Link(raw)
		if !ok || got != want {
			t.Errorf("%q: got %q, %v, want %q", raw, got, ok, want)
		}
		var b strings.Builder
		if err := attribute.Execute(&b, got); err != nil {
			t.Fatal(err)
		}
		if in := strings.ReplaceAll(b.String(), "&amp;", "&"); in != `<a href="`+want+`">` {
			t.Errorf("%q: got %s in an attribute, want it unchanged", raw, in)
		}
	}
	for _, raw := range []string{"javascript:alert(1)", "example.org", "//example.org", "https://", "https://u:p@example.org", "data:x", "mailto:a@example.org", "https://exa mple.org"} {
		if got, ok := Link(raw); ok {
			t.Errorf("%q: got %q, want it refused", raw, got)
		}
	}
}
