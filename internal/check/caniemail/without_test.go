package caniemail

import (
	"slices"
	"strings"
	"testing"
)

// What a client lacks is gone, and nothing else is.
func TestWithout(t *testing.T) {
	t.Parallel()
	d := &Data{
		Features: []Feature{
			{Slug: "css-border-radius", Title: "border-radius", Stats: map[Client]string{OutlookClassic: "n"}},
			{Slug: "css-at-media", Title: "@media", Stats: map[Client]string{OutlookClassic: "n"}},
			{Slug: "html-semantics", Title: "semantics", Stats: map[Client]string{OutlookClassic: "n"}},
			{Slug: "html-style", Title: "<style>", Stats: map[Client]string{GmailIOS: "n"}},
			{Slug: "css-padding", Title: "padding", Stats: map[Client]string{OutlookClassic: "a #1"}},
			{Slug: "html-lang", Title: "lang", Stats: map[Client]string{OutlookClassic: "n"}},
		},
		bySlug: map[string]int{"css-border-radius": 0, "css-at-media": 1, "html-semantics": 2, "html-style": 3, "css-padding": 4, "html-lang": 5},
	}
	const doc = `<html><head><style>p,b{color:red;border-radius:3px}@media (max-width:9px){p{color:blue}}i{color:green}</style></head>` +
		`<body><section lang="en" class="s"><p lang="de" style="border-radius:4px;padding:1px">hello</p></section></body></html>`
	got, taken, err := d.Without(doc, OutlookClassic)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"p,b{color:red;}", "i{color:green;}", `<p style="padding:1px">hello</p>`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	for _, gone := range []string{"border-radius", "@media", "blue", "<section", "lang="} {
		if strings.Contains(got, gone) {
			t.Errorf("got %s, want no %s in it", got, gone)
		}
	}
	if want := []string{"@media", "border-radius", "lang", "semantics"}; !slices.Equal(taken, want) {
		t.Errorf("got taken %q, want %q", taken, want)
	}
	if got, _, err := d.Without(doc, GmailIOS); err != nil || strings.Contains(got, "<style") || strings.Contains(got, "color:red") || !strings.Contains(got, "border-radius:4px") {
		t.Errorf("without <style>: got %s, %v", got, err)
	}
}
