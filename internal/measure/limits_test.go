package measure

import (
	"fmt"
	"strings"
	"testing"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/render/rendertest"
)

// A digest is short enough to be read: words that a reader sees, screens of a
// phone (375 by 812 pixels), bytes of HTML.
func TestShort(t *testing.T) {
	t.Parallel()
	library, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		t.Fatal(err)
	}
	own := library.Comparisons
	editions := map[string][]comparison.Comparison{"five": rendertest.Numbered(5), "our own, five": own[:5]}
	for _, c := range own {
		editions[c.Slug] = []comparison.Comparison{c}
	}
	r := renderer(t)
	page := browsertest.New(t).Page(t)
	t.Log(tabulated([]string{"edition", "words", "screens", "HTML"}, func(row func(...any)) {
		for name, cs := range editions {
			l := digest(t, r, name, cs)
			page.EmulateViewport(375, 812)
			page.SetHTML(l.html)
			words := len(strings.Fields(browsertest.Eval[string](page, "document.body.innerText")))
			screens := float64(browsertest.Eval[int](page, "document.documentElement.scrollHeight")) / 812
			mostWords, mostScreens, mostBytes := 420, 4.0, 25_000
			if len(cs) > 1 {
				mostWords, mostScreens, mostBytes = 750, 6, 40_000
			}
			row(name, words, fmt.Sprintf("%.1f", screens), len(l.html))
			if words > mostWords || screens > mostScreens || len(l.html) > mostBytes {
				t.Errorf("%s: got %d words on %.1f screens in %d bytes, want at most %d, %.0f and %d", name, words, screens, len(l.html), mostWords, mostScreens, mostBytes)
			}
			if f := l.finding(t, "summary.first"); f.Level != "pass" {
				t.Errorf("%s: got %s", name, f.Detail)
			}
		}
	}))
}

// Without any style element, as in Gmail with another provider's account, no
// word of a label breaks.
func TestLabelsWhole(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	l := digest(t, renderer(t), "five", rendertest.Numbered(5))
	page.SetHTML(styleElement.ReplaceAllString(l.html, ""))
	for _, width := range []int64{375, 320} {
		page.EmulateViewport(width, 812)
		broken := browsertest.Eval[[]string](page, `[...document.querySelectorAll("th[scope=row], .whole")]
			.filter(e => { const r = document.createRange(); r.selectNodeContents(e); return new Set([...r.getClientRects()].map(b => Math.round(b.top / 8))).size > 1; })
			.map(e => e.textContent)`)
		if len(broken) > 0 {
			t.Errorf("at %d px: got %q on two lines, want them whole", width, broken)
		}
	}
}
