package render

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// The oracle: a browser computes every style of every element of a mail before
// and after inlining. In light and wide, the inlined mail without any style
// element must look like the original with its sheet; and with the kept rules
// both must be equal on every screen.

var (
	anyStyle  = regexp.MustCompile(`(?s)<style[^>]*>.*?</style>\n?`)
	keptStyle = regexp.MustCompile(`(?s)<style data-premailer="ignore">.*?</style>\n?`)
)

// elementHashes gives a hash over all computed properties for each element; to
// carry the values themselves out of the browser takes minutes.
const elementHashes = `(() => {
	const out = [];
	for (const e of document.querySelectorAll("html, body, body *")) {
		const style = getComputedStyle(e);
		let a = e.tagName.length, b = 0x41c6ce57;
		for (let i = 0; i < style.length; i++) {
			const value = style.getPropertyValue(style[i]);
			for (let k = 0; k < value.length; k++) {
				const c = value.charCodeAt(k);
				a = Math.imul(a ^ c, 2654435761);
				b = Math.imul(b ^ c, 1597334677);
			}
			a = Math.imul(a ^ i, 2246822507);
		}
		out.push((a >>> 0) * 4294967296 + (b >>> 0) + "");
	}
	return out;
})()`

// elementStyle gives the nth element with all its computed properties.
const elementStyle = `((n) => {
	const e = document.querySelectorAll("html, body, body *")[n], style = getComputedStyle(e), out = [];
	for (let i = 0; i < style.length; i++) out.push(style[i] + ":" + style.getPropertyValue(style[i]));
	return e.tagName.toLowerCase() + "." + e.className + "{" + out.join(";");
})`

type view struct {
	name  string
	width int64
	dark  bool
}

// differences compares two documents in one view; what is equal gives nothing.
func differences(page *browsertest.Page, v view, original, inlined string) []string {
	page.EmulateViewport(v.width, 800)
	page.EmulateDark(v.dark)
	page.SetHTML(original)
	want := browsertest.Eval[[]string](page, elementHashes)
	page.SetHTML(inlined)
	got := browsertest.Eval[[]string](page, elementHashes)
	if len(got) != len(want) {
		return []string{fmt.Sprintf("got %d elements, want %d", len(got), len(want))}
	}
	var diffs []string
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		if len(diffs) > 0 { // one in words is enough
			diffs = append(diffs, "and another")
			continue
		}
		nth := fmt.Sprintf("%s(%d)", elementStyle, i)
		inInlined := browsertest.Eval[string](page, nth)
		page.SetHTML(original)
		diffs = append(diffs, firstDifference(inInlined, browsertest.Eval[string](page, nth)))
	}
	return diffs
}

func firstDifference(got, want string) string {
	element, _, _ := strings.Cut(want, "{")
	a, b := strings.Split(got, ";"), strings.Split(want, ";")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%s: got %s, want %s", element, a[i], b[i])
		}
	}
	return element + ": the properties differ"
}

// compareMail runs the four comparisons of one mail.
func compareMail(page *browsertest.Page, out Rendered) []string {
	var all []string
	bare := view{"without styles, 1000 px", 1000, false}
	for _, d := range differences(page, bare, keptStyle.ReplaceAllString(out.Uninlined, ""), anyStyle.ReplaceAllString(out.HTML, "")) {
		all = append(all, bare.name+": "+d)
	}
	for _, v := range []view{{"1000 px", 1000, false}, {"375 px", 375, false}, {"375 px, dark", 375, true}} {
		for _, d := range differences(page, v, out.Uninlined, out.HTML) {
			all = append(all, v.name+": "+d)
		}
	}
	return all
}

func TestOracle(t *testing.T) {
	t.Parallel()
	browser := browsertest.New(t)
	for _, mail := range fixtureMails(t, newRenderer(t)) {
		t.Run(mail.name, func(t *testing.T) {
			t.Parallel()
			if diffs := compareMail(browser.Page(t), mail.out); len(diffs) > 0 {
				t.Errorf("got %d differences, want 0: %s", len(diffs), strings.Join(diffs[:min(len(diffs), 5)], "\n"))
			}
		})
	}
}

// The oracle must be able to see: a declaration taken from the inlined mail, or
// a kept rule that is not important, shows.
func TestOracleSees(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	out, err := newRenderer(t).Digest(input(pageLike()))
	if err != nil {
		t.Fatal(err)
	}
	damaged := out
	damaged.HTML = strings.Replace(out.HTML, "letter-spacing:-1px", "letter-spacing:0", 1)
	if len(compareMail(page, damaged)) == 0 {
		t.Errorf("a changed declaration: got no difference, want some")
	}
	damaged = out
	damaged.HTML = strings.Replace(out.HTML, "font-size: 26px !important", "font-size: 26px", 1)
	damaged.Uninlined = strings.Replace(out.Uninlined, "font-size: 26px !important", "font-size: 26px", 1)
	if damaged.HTML == out.HTML {
		t.Fatal("the kept rule to damage was not found")
	}
	if len(compareMail(page, damaged)) == 0 {
		t.Errorf("a kept rule without !important: got no difference, want some")
	}
}
