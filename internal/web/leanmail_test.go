package web

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
)

// digestOf is the mail of so many comparisons as an edition keeps it.
func digestOf(t testing.TB, n int) string {
	t.Helper()
	r, err := render.New(rendertest.Templates(), render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://verdicts.example.org", PostalAddress: "Weekly AI Tool Verdicts, 12 Pine Road, 00000 Exampletown"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Digest(render.DigestInput{
		Week: edition.Week{Year: 2026, Number: 48}, Date: monday(), Subject: "What to ship", Preheader: "And what to skip.", Comparisons: rendertest.Numbered(n),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.HTML
}

func sentAs(mail string) fixedEditions {
	all := sentEditions()
	w := all.all[0].Week
	all.builds = map[edition.Week][]edition.Build{w: {{Week: w, Subject: "What to ship", HTML: mail}}}
	return all
}

// The page of a long digest is below 40 KB, and has a link to each comparison.
func TestLongIssue(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 5, 12} {
		s := serve(t, nil, func(d *Deps) { d.Editions = sentAs(digestOf(t, n)) })
		body := s.get(t, "/archive/2026-W48").body
		if len(body) >= 40_000 {
			t.Errorf("%d comparisons: got %d bytes, want below 40,000", n, len(body))
		}
		for i := range n {
			if want := fmt.Sprintf(`href="https://example.org/compare/comparison-%d"`, i+1); !strings.Contains(body, want) {
				t.Errorf("%d comparisons: got no %s", n, want)
			}
		}
		for _, not := range []string{">Save<", ">Vote<", "Read in the browser", "mso-line", "[if mso]"} {
			if strings.Contains(body, not) {
				t.Errorf("%d comparisons: got %q, want nothing that is one reader's or Outlook's", n, not)
			}
		}
	}
}

// A browser shows the lean page as it shows the mail itself, element by element.
func TestLeanLooksTheSame(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Page(t)
	mail := neutralise(digestOf(t, 12), "https://verdicts.example.org/", "/archive/2026-W48")
	for _, width := range []int64{1280, 375} {
		for _, dark := range []bool{false, true} {
			p.EmulateViewport(width, 800)
			p.EmulateDark(dark)
			p.SetHTML(mail)
			want := browsertest.Eval[[]string](p, allStyles)
			p.SetHTML(lean(mail))
			got := browsertest.Eval[[]string](p, allStyles)
			if len(got) != len(want) || len(want) < 500 {
				t.Fatalf("got %d elements, want %d", len(got), len(want))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%d px, dark %t: got\n%s\nwant\n%s", width, dark, got[i], want[i])
				}
			}
		}
	}
}

// allStyles are place, size and computed styles of every element of the body.
const allStyles = `[...document.querySelectorAll("body, body *")].map(e => {
	const r = e.getBoundingClientRect(), s = getComputedStyle(e)
	return [e.tagName, r.x, r.y, r.width, r.height, ...[...s].map(k => k + ":" + s.getPropertyValue(k))].join(";")
})`

// Only what means the same in a style sheet moves there; what is one element's stays.
func TestLean(t *testing.T) {
	t.Parallel()
	for mail, want := range map[string]string{
		`<head></head><p style="color:red">a</p><p class="x" style="color:red">b</p>`:          `<head><style>._0:not(#_#_){color:red}</style></head><p class="_0">a</p><p class="x _0">b</p>`,
		`<head></head><p style="color:red">a</p>`:                                              `<head></head><p style="color:red">a</p>`,
		`<head></head><p style="a:&quot;b&quot;"></p><p style="a:&quot;b&quot;"></p>`:          `<head></head><p style="a:&quot;b&quot;"></p><p style="a:&quot;b&quot;"></p>`,
		`<head></head><p style="a:&lt;/style>"></p><p style="a:&lt;/style>"></p>`:              `<head></head><p style="a:&lt;/style>"></p><p style="a:&lt;/style>"></p>`,
		`<head></head><p style="a:b} c{d:e"></p><p style="a:b} c{d:e"></p>`:                    `<head></head><p style="a:b} c{d:e"></p><p style="a:b} c{d:e"></p>`,
		`<head></head><p title=' style="a:b"' style="a:b"></p><b style="a:b"></b>`:             `<head><style>._0:not(#_#_){a:b}</style></head><p title=' style="a:b"' style="a:b"></p><b class="_0"></b>`,
		`<!--[if mso]><p>Outlook</p><![endif]--><!--[if !mso]><!--><p>All</p><!--<![endif]-->`: `<!----><!----><p>All</p><!---->`,
	} {
		if got := lean(mail); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", mail, got, want)
		}
	}
}

// A row of links keeps those that are everybody's.
func TestRowsOfLinks(t *testing.T) {
	t.Parallel()
	const save, read, self = `<a href="/save/zqSLOTsaveqz/x">Save</a>`, `<a href="/compare/x">Read</a>`, `<a href="https://n.example/archive/2026-W48">Browser</a>`
	for row, want := range map[string]string{
		read + ` &middot; ` + save:           `<p>` + read + `</p>`,
		save + ` &middot; ` + read:           `<p>` + read + `</p>`,
		save + ` · ` + read + ` · ` + save:   `<p>` + read + `</p>`,
		save + ` &middot; ` + self:           "",
		save:                                 "",
		`For zqSLOTemailqz: ` + read + save:  "",
		`Not now? ` + save + ` ` + read:      "",
		`Read <a href="/about">about us</a>`: `<p>Read <a href="/about">about us</a></p>`,
	} {
		if got := neutralise(`<p>`+row+`</p>`, "/", "/archive/2026-W48"); got != want {
			t.Errorf("%s: got %q, want %q", row, got, want)
		}
	}
}

func FuzzLean(f *testing.F) {
	f.Add(sampleMail(edition.Week{Year: 2026, Number: 48}))
	f.Add("<<!>A")
	f.Add(`<p style="a:b"></p><p style="a:b">x &lt; y</p>`)
	f.Fuzz(func(t *testing.T, mail string) {
		if got, want := words(lean(mail)), words(mail); got != want {
			t.Errorf("got %q, want the words of %q: %q", got, mail, want)
		}
	})
}

// words is the text that a document shows, as its tokens have it.
func words(document string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(document))
	style := false
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		switch {
		case tok.Type == html.TextToken && !style:
			b.WriteString(tok.Data)
		case tok.Data == "style":
			style = tok.Type == html.StartTagToken
		}
	}
	return b.String()
}
