package check

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/growthtest"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
)

// FuzzRun: whatever a template or a file makes of a mail, the checks say what
// they find, twice the same.
func FuzzRun(f *testing.F) {
	f.Add(seedMail, "TEXT", "Subject", []byte("From: A <a@example.org>\r\nSubject: x\r\n\r\nbody\r\n"))
	f.Add(`<style>@media{a{b:c}}}} [x="] { } .a,:is(b) > *{color:red}</style><p style="color:;font-size:1e9em;background:url(x">x<a href="%zz">`, "\x00", "\xff", []byte("From: <\r\n\r\n"))
	f.Add("<table><th><table><a href=#><img><h6>", "{{", "", []byte(nil))
	f.Add("<frameset><template><p>x", "", "a", []byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, doc, text, subject string, raw []byte) {
		m := Mail{
			Rendered: render.Rendered{Subject: subject, Preheader: subject, HTML: doc, Text: text},
			Raw:      raw, Site: testSite(), DKIMDomain: "example.org", Now: time.Unix(1e9, 0),
			Comparisons: []comparison.Comparison{rendertest.PageLike(), {}},
		}
		first := Run(m)
		if len(first) == 0 || !reflect.DeepEqual(first, Run(m)) {
			t.Errorf("got %v, and then something else", first)
		}
		for _, x := range first {
			if x.Detail == "" || (x.Level != Pass) != (x.Fix != "") {
				t.Errorf("got %s with the fix %q, want a detail, and a fix unless it passes", x.line(), x.Fix)
			}
		}
	})
}

// Work grows with the mail, not with its square. The shapes are those that a
// walk within a walk would suffer from.
func TestNoBlowup(t *testing.T) {
	t.Parallel()
	shapes := map[string]func(n int) string{
		"links":    func(n int) string { return strings.Repeat(`<a href="https://x.example/p">word</a> `, n) },
		"headings": func(n int) string { return strings.Repeat(`<h2><i><h3>`, 100) + strings.Repeat("word ", 5*n) },
		"tables":   func(n int) string { return strings.Repeat(`<table><td>`, 100) + strings.Repeat("word ", 5*n) },
		"rules": func(n int) string {
			return "<style>" + strings.Repeat(".a .b{color:red}", n) + "</style>" + strings.Repeat(`<p class="b">x</p>`, n)
		},
		"siblings": func(n int) string {
			return "<style>b ~ p{color:red} p:nth-child(2n){color:red}</style>" + strings.Repeat("<p>x", 8*n)
		},
		"styles": func(n int) string { return strings.Repeat(`<p style="`+strings.Repeat("color:red;", 5)+`">x`, n) },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			growthtest.Linear(t, 2_000, func(n int) func() {
				m := Mail{Rendered: render.Rendered{HTML: shape(n), Text: strings.Repeat("word ", 2*n), Subject: "x"}}
				m.Raw = bytes.Repeat([]byte("X: y\r\n"), n)
				return func() { Run(m) }
			})
		})
	}
}

// seedMail is small, because the fuzzer works on it byte by byte; whole mails
// are checked in the other tests.
const seedMail = `<!DOCTYPE html><html lang="en" dir="ltr"><title>x</title><style>@media (prefers-color-scheme: dark) { .a { color: #fff !important } }</style>` +
	`<body><div style="display:none">pre</div><div lang="en" dir="ltr" class="a"><table role="presentation"><tr><td bgcolor="#ffffff" style="color:rgb(1,2,3)">` +
	`<h1>Title</h1><h2>Part</h2><blockquote><p>“It works.”</p></blockquote><img alt="x" src="cid:x"><a href="https://example.org/unsubscribe/zqSLOTtokenqz">Go</a></table></div>`
