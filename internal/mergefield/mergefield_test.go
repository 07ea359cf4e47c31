package mergefield_test

import (
	"html/template"
	"net/url"
	"strings"
	"testing"

	"verdicts.example/digest/internal/mergefield"
)

// A merge field comes through html/template unchanged wherever a template may put it,
// and no merge field is part of another.
func TestFieldsPassEscaping(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("").Parse(`<p title="{{.}}">{{.}}</p><a href="https://x.example/u/{{.}}?q={{.}}">x</a>`))
	for _, s := range mergefield.All() {
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
		for _, other := range mergefield.All() {
			if s != other && strings.Contains(string(s), string(other)) {
				t.Errorf("%s is part of %s", other, s)
			}
		}
	}
}

// What a line of the template is wide by marks that no reader gets is not measured.
func TestUnmarked(t *testing.T) {
	t.Parallel()
	in := string(mergefield.IfChanges) + "Changed\n" + string(mergefield.EachChange) + "- " + string(mergefield.Change) + "\n" +
		string(mergefield.NextChange) + "Yours\n" + string(mergefield.EndChanges) + "At a glance\n"
	if got, want := mergefield.Unmarked(in), "Changed\n- "+string(mergefield.Change)+"\nYours\nAt a glance\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A part shows a reader's values, escaped once where it is HTML.
func TestFill(t *testing.T) {
	t.Parallel()
	part := string(mergefield.Name) + " " + string(mergefield.Email) + " /u/" + string(mergefield.Token) + " /s/" + string(mergefield.Saved)
	v := mergefield.Values{Token: "T-k_n", Email: "a&b@example.org", Name: "Ada <b>", Links: mergefield.Links{Saved: "S-v_d"}}
	if got, want := v.Text(part), "Ada <b> a&b@example.org /u/T-k_n /s/S-v_d"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	if got, want := v.HTML(part), "Ada &lt;b&gt; a&amp;b@example.org /u/T-k_n /s/S-v_d"; got != want {
		t.Errorf("HTML: got %q, want %q", got, want)
	}
	if got, want := (mergefield.Values{}).HTML(part), "reader  /u/ /s/"; got != want {
		t.Errorf("no values: got %q, want %q", got, want)
	}
}
