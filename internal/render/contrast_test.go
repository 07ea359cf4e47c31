package render

import (
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

// lowContrast lists the texts whose contrast with what is behind them is below
// 4.5 (WCAG 2.2, 1.4.3), and the parts of bars below 3 (1.4.11).
const lowContrast = `(() => {
	const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
	const lum = c => c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
	const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] == 1) return c; } return [255, 255, 255]; };
	const out = [];
	for (const e of document.querySelectorAll("body *")) {
		const own = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data.trim()).join("");
		if (own && e.offsetHeight) {
			const r = ratio(rgb(getComputedStyle(e).color), behind(e));
			if (r < 4.5) out.push(own.slice(0, 40) + ": " + r.toFixed(2));
		}
		if (/\b(ship|skip|split)-bg\b/.test(e.className)) {
			const r = ratio(behind(e), behind(e.closest("table").parentElement));
			if (r < 3) out.push(e.className + ": " + r.toFixed(2));
		}
	}
	return out;
})()`

func TestContrast(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	for _, mail := range fixtureMails(t, newRenderer(t)) {
		page.SetHTML(mail.out.HTML)
		for _, dark := range []bool{false, true} {
			page.EmulateDark(dark)
			for _, low := range browsertest.Eval[[]string](page, lowContrast) {
				t.Errorf("%s, dark %v: contrast too low: %s", mail.name, dark, low)
			}
		}
	}
	page.SetHTML(`<body style="background:#777"><p style="color:#888">grey on grey`)
	if got := browsertest.Eval[[]string](page, lowContrast); len(got) != 1 {
		t.Errorf("grey on grey: got %q, want one finding", got)
	}
}

// No mail scrolls sideways on the narrowest phone, nor at 200 % zoom, which
// makes a 640 pixel window as narrow.
func TestNarrow(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	for _, mail := range fixtureMails(t, newRenderer(t)) {
		page.SetHTML(mail.out.HTML)
		page.EmulateViewport(320, 700)
		if got := browsertest.Eval[int](page, `document.documentElement.scrollWidth`); got > 320 {
			t.Errorf("%s: got %d pixels wide at 320, want no sideways scrolling", mail.name, got)
		}
	}
}
