package workbench_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/subscribers"
)

// Each name, price, verdict, quote and use that the mail shows leads to its field,
// its line in the file and the line of the template that writes it.
func TestSpots(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	draft := must(b.desk.Draft(t.Context(), week))
	_, frame := b.get(weekPath + "/frame")
	root := must(html.Parse(strings.NewReader(frame)))
	found := map[string][]string{} // the fields of each comparison
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-spot" }) {
			continue
		}
		at := attribute(" "+attrs(n), "data-at")
		_, body := b.get(weekPath + "/spot?n=" + at)
		slug, field := cutBetween(body, "/comparisons/", "?"), must(url.PathUnescape(cutBetween(body, "#f-", `"`)))
		i := slices.IndexFunc(draft.Selection.Comparisons, func(c comparison.Comparison) bool { return c.Slug == slug })
		if i < 0 {
			t.Fatalf("element %s, %s: got no comparison:\n%s", at, words(n), body)
		}
		c := draft.Selection.Comparisons[i]
		found[slug] = append(found[slug], field)
		if value, plain := c.Fields()[field], !strings.Contains(field, "panel") && !strings.Contains(field, "reviews") && !strings.Contains(field, "community"); plain && !strings.HasPrefix(value, strings.TrimSuffix(words(n), "…")) {
			t.Errorf("%s: got the field %s with %q", words(n), field, value)
		}
		if want := fmt.Sprintf("<code>%s:%d<", filepath.Base(c.File), max(1, c.Line(field))); !strings.Contains(body, want) {
			t.Errorf("%s: got no %s on the page", words(n), want)
		}
		template, line, _ := strings.Cut(cutBetween(body, "template at <code>", "<"), ":")
		if src := lineOf(t, template, line); !strings.Contains(src, "<"+n.Data) && !strings.Contains(src, "{{keep") { // which may write a span
			t.Errorf("%s: got %s:%s, which writes no %s: %s", words(n), template, line, n.Data, src)
		}
	}
	for i, c := range draft.Selection.Comparisons {
		for tool := range c.Tools {
			for _, field := range []string{"name", "entry", "panel.ship", "best_for"} {
				at := fmt.Sprintf("tools[%d].%s", tool, field)
				if i > 0 && field == "best_for" && c.Tools[tool].BestFor == "" {
					continue
				}
				if !slices.Contains(found[c.Slug], at) && !slices.Contains(found[c.Slug], strings.Replace(at, ".ship", ".percent", 1)) {
					t.Errorf("%s: got no element for %s among %q", c.Slug, at, found[c.Slug])
				}
			}
		}
		if !slices.ContainsFunc(found[c.Slug], func(f string) bool { return strings.HasSuffix(f, ".take") }) {
			t.Errorf("%s: got no quote among %q", c.Slug, found[c.Slug])
		}
	}
	_, list := b.get(weekPath + "?view=places")
	total := 0
	for _, fields := range found {
		total += len(fields)
	}
	if n := strings.Count(list, "Show it in the mail</a>"); n < total {
		t.Errorf("got %d entries in the list for keyboards, want one for each of %d", n, total)
	}
}

// A click in the mail marks the element and says where it comes from; the link to
// the field is reached by the keyboard after it.
func TestClickInTheMail(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	p := browsertest.New(t).Page(t)
	p.EmulateViewport(1440, 1000)
	p.Navigate(b.url + weekPath)
	wait(t, p, "the frame", `document.getElementById("frame").contentDocument.documentElement.dataset.watched === "yes"`)
	browsertest.Eval[bool](p, `(() => { const d = document.getElementById("frame").contentDocument;
		const price = [...d.querySelectorAll("[data-spot]")].find(e => e.textContent.trim() === "Free"); price.click(); return true; })()`)
	wait(t, p, "the field", `document.querySelector("#link a[href*='.entry']")`)
	if got := browsertest.Eval[string](p, `[...document.getElementById("frame").contentDocument.querySelectorAll("[style*='outline']")].map(e => e.textContent.trim()).join()`); got != "Free" {
		t.Errorf("got %q outlined, want the price", got)
	}
	p.Follow("#link a")
	wait(t, p, "the focus in the price's field", `document.activeElement.id.endsWith("].entry")`)
}

func attrs(n *html.Node) (s string) {
	for _, a := range n.Attr {
		s += " " + a.Key + `="` + a.Val + `"`
	}
	return s
}

func words(n *html.Node) string {
	var s strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			s.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

func cutBetween(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// lineOf is a line of a built-in template.
func lineOf(t *testing.T, file, number string) string {
	t.Helper()
	src, err := fs.ReadFile(rendertest.Templates(), file)
	if err != nil {
		t.Fatalf("%q: %v", file, err)
	}
	var n int
	if _, err := fmt.Sscan(number, &n); err != nil || n < 1 {
		t.Fatalf("%s has no line %q", file, number)
	}
	lines := strings.Split(string(src), "\n")
	return lines[min(n, len(lines))-1]
}

// In an edition that was sent, too, a place leads to its own comparison: the order
// is the mail's, and a file that has gone since moves nothing.
func TestSpotsOfWhatWasSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	draft := must(b.desk.Draft(t.Context(), week))
	gone := draft.Selection.Comparisons[0]
	e := must(b.desk.By(ada).ApproveShown(t.Context(), week, draft.Build.Hash)).Edition
	readers := subscribers.New(b.db.Subscribers(), b.db.SignUps(), subscribers.Options{Now: b.clock})
	must(readers.Add(t.Context(), subscribers.NewReader{Email: "reader@example.org"}))
	must(b.db.Deliveries().Freeze(t.Context(), delivery.Freeze{Edition: e.ID, Hash: e.Hash, Message: must(draft.Frozen.MarshalBinary()), ApprovalRequired: true, At: b.clock()}))
	if err := os.Remove(gone.File); err != nil {
		t.Fatal(err)
	}
	_, list := b.get(weekPath + "?view=places")
	if !strings.Contains(list, "This is what was sent.") {
		t.Fatalf("got\n%.2500s\nwant the mail that was sent", list)
	}
	for _, c := range draft.Selection.Comparisons[1:] {
		if want := fmt.Sprintf(`/comparisons/%s?week=2026-W48&amp;from=mail#f-tools%%5b0%%5d.name" aria-label="Edit Name of %s (%s`, c.Slug, c.Tools[0].Name, c.Tools[0].Name); !strings.Contains(list, want) {
			t.Errorf("%s: got no %s", c.Slug, want)
		}
	}
	for i, c := range must(b.desk.Preview(t.Context(), week, nil)).Part {
		if c.Slug != draft.Selection.Comparisons[i+1].Slug {
			t.Errorf("got %s in place %d, want the mail's order", c.Slug, i+1)
		}
	}
	if strings.Contains(list, "Name of "+gone.Tools[0].Name) {
		t.Error("got a way to a file that has gone")
	}
}
