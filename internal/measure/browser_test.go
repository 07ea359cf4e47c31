package measure

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/check"
)

// axeTags are the rules that axe-core runs: WCAG 2.0 to 2.2, A and AA, and what
// it calls best practice.
const axeTags = `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`

// axeOff are rules that do not hold for mail, each with its reason.
func axeOff() map[string]string {
	return map[string]string{
		"region":            "landmarks divide a page of a site; a mail is shown inside the client's own, and clients drop or rename main, header and footer",
		"landmark-one-main": "the client's page has its own main landmark, and the mail stands in it",
	}
}

// axeUndecided are rules that axe-core leaves for a person to decide, each with
// the decision.
func axeUndecided() map[string]string {
	return map[string]string{
		"th-has-data-cells": "the header “Reviewers” spans a row and has scope=rowgroup: it is the header of the rows below it (HTML §4.9.12.2), which axe-core does not work out",
	}
}

// axeSays is what axe-core finds: violations, and checks that it could not
// decide.
type axeSays struct {
	Violations, Incomplete []string
}

func loadAxe(t testing.TB) string {
	t.Helper()
	file, err := tool("axe-core/axe.min.js")
	need(t, "axe-core", err)
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// runAxe judges the page that is open.
func runAxe(page *browsertest.Page, source string) axeSays {
	browsertest.Eval[bool](page, source+"; true")
	var off []string
	for _, id := range slices.Sorted(keys(axeOff())) {
		off = append(off, fmt.Sprintf("%q:{enabled:false}", id))
	}
	return browsertest.Eval[axeSays](page, `axe.run(document, {runOnly: {type: "tag", values: `+axeTags+`}, rules: {`+strings.Join(off, ",")+`}, resultTypes: ["violations", "incomplete"]})
		.then(r => { const say = l => l.flatMap(v => v.nodes.map(n => v.id + " at " + n.html.slice(0, 120)));
			return {Violations: say(r.violations), Incomplete: say(r.incomplete)}; })`)
}

// layout measures what a reader of a narrow or magnified screen meets.
type layout struct {
	Overflow int      // pixels to scroll sideways
	Outline  []string // "h2 At a glance", in document order
	Disorder []string // where the eye would go back up while the document goes on
}

// measureLayout: a block must not start above the one before it, unless it
// stands in a column beside it.
const measureLayout = `(() => {
	const root = document.documentElement;
	const blocks = [...document.querySelectorAll("h1,h2,h3,p,th,td.c,li,blockquote")].filter(e => e.getClientRects().length && e.innerText.trim());
	const disorder = [];
	let before = null;
	for (const e of blocks) {
		const r = e.getBoundingClientRect();
		if (before && r.top < before.top - 1 && r.left < before.right - 1 && r.right > before.left + 1) disorder.push(e.outerHTML.slice(0, 100));
		before = r;
	}
	return {
		Overflow: Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth,
		Outline: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => h.tagName.toLowerCase() + " " + h.textContent.trim().replace(/\s+/g, " ")),
		Disorder: disorder,
	};
})()`

const withoutStyles = `(() => {
	for (const e of document.querySelectorAll("style")) e.remove();
	for (const e of document.querySelectorAll("[style],[class]")) { e.removeAttribute("style"); e.removeAttribute("class"); }
	return true;
})()`

// inBrowser judges one mail in light and dark, at every width, and bare.
func inBrowser(t *testing.T, page *browsertest.Page, axe string, l *letter) {
	t.Helper()
	l.figures["axe light"], l.figures["axe dark"] = "-", "-"
	page.EmulateViewport(1000, 800)
	page.SetHTML(l.html)
	for _, mode := range []string{"light", "dark"} {
		page.EmulateDark(mode == "dark")
		says := runAxe(page, axe)
		l.figures["axe "+mode] = fmt.Sprint(len(says.Violations))
		says.Incomplete = slices.DeleteFunc(says.Incomplete, func(s string) bool {
			rule, _, _ := strings.Cut(s, " at ")
			return axeUndecided()[rule] != ""
		})
		if len(says.Violations)+len(says.Incomplete) > 0 {
			t.Errorf("axe-core, %s: got %d violations and %d undecided, want 0: %s", mode, len(says.Violations), len(says.Incomplete), firsts(slices.Concat(says.Violations, says.Incomplete)))
		}
		if f := l.finding(t, "a11y.contrast-"+mode); f.Level != check.Pass {
			t.Errorf("our own contrast check, %s: got %s, want what axe-core says", mode, f.Detail)
		}
	}
	page.EmulateDark(false)
	outline := measureAt(t, page, 1000)
	for _, width := range []int64{640, 600, 375, 320} { // 640: 1280 at 200 %
		if got := measureAt(t, page, width); !slices.Equal(got, outline) {
			t.Errorf("outline at %d px: got %q, want %q", width, got, outline)
		}
	}
	browsertest.Eval[bool](page, withoutStyles)
	for _, width := range []int64{1000, 375} {
		bare := browsertest.Eval[layout](at(page, width), measureLayout)
		if !slices.Equal(bare.Outline, outline) || len(bare.Disorder) > 0 {
			t.Errorf("without styles at %d px: got the outline %q and out of order %q, want %q and nothing", width, bare.Outline, firsts(bare.Disorder), outline)
		}
	}
}

func at(page *browsertest.Page, width int64) *browsertest.Page {
	page.EmulateViewport(width, 800)
	return page
}

func measureAt(t *testing.T, page *browsertest.Page, width int64) (outline []string) {
	t.Helper()
	m := browsertest.Eval[layout](at(page, width), measureLayout)
	if m.Overflow > 0 {
		t.Errorf("at %d px: got %d px to scroll sideways, want 0", width, m.Overflow)
	}
	if len(m.Disorder) > 0 {
		t.Errorf("at %d px: got out of order %q, want the document's order", width, firsts(m.Disorder))
	}
	return m.Outline
}

func firsts(list []string) string { return strings.Join(list[:min(len(list), 3)], "; ") }

// layoutSees: what is too wide or out of order shows.
func layoutSees(t *testing.T, page *browsertest.Page, l *letter) {
	t.Helper()
	at(page, 375).SetHTML(strings.Replace(l.html, "<h2", `<p style="width:400px">wide</p><h2`, 1))
	if m := browsertest.Eval[layout](page, measureLayout); m.Overflow <= 0 {
		t.Errorf("a block of 400 px at 375 px: got %d px to scroll sideways, want some", m.Overflow)
	}
	page.SetHTML(strings.Replace(l.html, "</body>", `<p style="position:absolute;top:0;left:60px">up</p></body>`, 1))
	if m := browsertest.Eval[layout](page, measureLayout); len(m.Disorder) == 0 {
		t.Error("the last block at the top: got nothing out of order, want it")
	}
}

// Both see a contrast that is too low, in the mode in which it is.
func contrastAgrees(t *testing.T, page *browsertest.Page, axe string, l *letter) {
	t.Helper()
	for _, c := range []struct{ name, old, with string }{
		{"light", "color:#625b4e", "color:#aaa499"},
		{"dark", "color: #b3aa99 !important", "color: #555044 !important"},
	} {
		damaged := *l
		damaged.html = strings.ReplaceAll(l.html, c.old, c.with)
		damaged.rendered.HTML = strings.ReplaceAll(l.rendered.HTML, c.old, c.with)
		if damaged.html == l.html {
			t.Fatalf("%s: %q is not in the mail; nothing to damage", c.name, c.old)
		}
		page.EmulateViewport(1000, 800)
		page.SetHTML(damaged.html)
		for _, mode := range []string{"light", "dark"} {
			page.EmulateDark(mode == "dark")
			says := runAxe(page, axe)
			seen := slices.ContainsFunc(says.Violations, func(s string) bool { return strings.HasPrefix(s, "color-contrast") })
			own := damaged.finding(t, "a11y.contrast-"+mode).Level == check.Fail
			if want := mode == c.name; seen != want || own != want {
				t.Errorf("damaged in %s, seen in %s: got axe-core %v and our own check %v, want both %v", c.name, mode, seen, own, want)
			}
		}
	}
	page.EmulateDark(false)
}
