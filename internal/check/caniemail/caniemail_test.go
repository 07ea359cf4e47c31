package caniemail

import (
	"slices"
	"strings"
	"testing"
)

func slugs(t *testing.T, document string) []string {
	t.Helper()
	uses, err := Uses(document)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, u := range uses {
		out = append(out, u.Slug)
	}
	return out
}

func TestUsesAreFoundOnTheParsedMail(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		html string
		want []string
		not  []string
	}{
		"inline":      {`<p style="margin-top:1em;color:RGB(1,2,3)">`, []string{"css-margin", "css-unit-em", "css-rgb", "html-p"}, []string{"css-color-scheme"}},
		"display":     {`<div style="display:flex">`, []string{"css-display-flex", "css-display"}, []string{"css-display-none"}},
		"radius":      {`<table><td style="border-top-left-radius:4px;border-collapse:collapse">`, []string{"css-border-radius", "css-border-collapse"}, nil},
		"media":       {`<style>@media (prefers-color-scheme: dark) { .a { color: red !important } }</style>`, []string{"css-at-media", "css-at-media-prefers-color-scheme", "css-important", "css-selector-class"}, []string{"css-nesting"}},
		"nesting":     {`<style>.a { .b { color: red } }</style>`, []string{"css-nesting"}, nil},
		"selectors":   {`<style>a:hover, .x.y > p + *[z="1"]{color:red} p::before{width:1px}</style>`, []string{"css-pseudo-class-hover", "css-selector-grouping", "css-selector-chaining", "css-selector-child", "css-selector-adjacent-sibling", "css-selector-universal", "css-selector-attribute", "css-pseudo-element-before"}, []string{"css-selector-general-sibling"}},
		"attributes":  {`<table width="1" cellpadding="0" role="presentation"><td valign="top" align="left">`, []string{"html-width", "html-cellpadding", "html-role"}, nil},
		"not in text": {`<p>display:flex and <code>@media</code></p><!-- <svg> -->`, []string{"html-comments", "html-code"}, []string{"css-display-flex", "css-at-media", "html-svg"}},
		"images":      {`<img src="data:image/svg+xml;base64,x"><img src="https://x.example/a.webp?1">`, []string{"image-base64", "image-svg", "image-webp"}, nil},
		"functions":   {`<p style="width:calc(1px + 2%);color:var(--x)">`, []string{"css-unit-calc", "css-unit-percent", "css-variables"}, nil},
		"links":       {`<a href="mailto:a@b.example">x</a><a href="#top">y</a>`, []string{"html-mailto-links", "html-anchor-links"}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := slugs(t, tc.html)
			for _, w := range tc.want {
				if !slices.Contains(got, w) {
					t.Errorf("got %v, want it to have %s", got, w)
				}
			}
			for _, n := range tc.not {
				if slices.Contains(got, n) {
					t.Errorf("got %v, want it without %s", got, n)
				}
			}
		})
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Features) < 250 || d.Updated == "" {
		t.Fatalf("got %d features of %q, want the whole extract", len(d.Features), d.Updated)
	}
	uses, err := Uses(`<p style="border-radius:3px;display:flex">x</p>`)
	if err != nil {
		t.Fatal(err)
	}
	gaps := d.Gaps(uses, []Client{OutlookClassic, AppleIOS})
	if len(gaps) == 0 || gaps[0].Support != No {
		t.Fatalf("got %v, want the unsupported first", gaps)
	}
	for _, g := range gaps {
		if g.Client == AppleIOS {
			t.Errorf("got a gap of %s in Apple Mail, want none", g.Feature.Slug)
		}
	}
}

func TestClientsAreInTheData(t *testing.T) {
	t.Parallel()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	f, ok := d.Feature("css-border-radius")
	if !ok {
		t.Fatal("got no css-border-radius")
	}
	for _, c := range Clients() {
		if s, _ := f.On(c); s == Unknown {
			t.Errorf("got no data for %s", c)
		}
	}
	if s, note := f.On(OutlookClassic); s != No || !strings.Contains(note, "VML") {
		t.Errorf("got %c %q for classic Outlook, want n with its note", s, note)
	}
}

func FuzzUses(f *testing.F) {
	f.Add(`<p style="color:red">`)
	f.Add(`<style>@media{a{b:c}}}}</style>`)
	f.Fuzz(func(t *testing.T, doc string) {
		if _, err := Uses(doc); err != nil {
			return // html.Parse refuses deep nesting
		}
	})
}
