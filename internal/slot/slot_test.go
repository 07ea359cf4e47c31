package slot_test

import (
	"html/template"
	"net/url"
	"strings"
	"testing"

	"verdicts.example/digest/internal/slot"
)

// A slot comes through html/template unchanged wherever a template may put it,
// and no slot is part of another.
func TestSlotsPassEscaping(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("").Parse(`<p title="{{.}}">{{.}}</p><a href="https://x.example/u/{{.}}?q={{.}}">x</a>`))
	for _, s := range slot.All() {
		var out strings.Builder
		if err := page.Execute(&out, string(s)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.String(), string(s)); got != 4 {
			t.Errorf("%s: got it %d times in %s, want 4", s, got, out.String())
		}
		if got := url.PathEscape(string(s)); got != string(s) {
			t.Errorf("got %s escaped in a path, want %s", got, s)
		}
		for _, other := range slot.All() {
			if s != other && strings.Contains(string(s), string(other)) {
				t.Errorf("%s is part of %s", other, s)
			}
		}
	}
}
