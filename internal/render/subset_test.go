package render

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/sheet"
)

// asMail puts a sheet and a body into a document.
func asMail(css, body string) string {
	return "<!DOCTYPE html>\n<html><head><style>\n" + css + "</style></head><body>" + body + "</body></html>"
}

// inlinedDifferences compares a document with its inlined self in a browser.
func inlinedDifferences(t *rapid.T, page *browsertest.Page, doc string) []string {
	inlined, err := inline(doc)
	if err != nil {
		t.Fatalf("inline: %v", err)
	}
	return differences(page, view{"", 1000, false}, doc, anyStyle.ReplaceAllString(inlined, ""))
}

func drawSelector(t *rapid.T) string {
	compounds := rapid.SliceOfN(rapid.SampledFrom([]string{"div", "p", "b", ".a", ".b", ".a.b", "#i", "#j", "p.a", "b#i", "div.b", "body"}), 1, 3).Draw(t, "compounds")
	s := compounds[0]
	for _, c := range compounds[1:] {
		s += rapid.SampledFrom([]string{" ", " > "}).Draw(t, "combinator") + c
	}
	return s
}

func drawSheet(t *rapid.T) string {
	values := []string{
		"margin: 1px 2px", "margin-top: 7px", "margin-left: 3px", "padding: 4px", "padding-left: 9px", "color: #112233", "color: red",
		"border: 2px solid blue", "border-color: green", "border-bottom: 1px dotted #aaa", "font: bold 12px/1.5 Georgia,serif", "font-size: 21px",
		"font-family: \"Times New Roman\",serif", "line-height: 2", "background: #eee", "background-color: #ddd", "text-align: right", "letter-spacing: -0.5px",
	}
	var b strings.Builder
	for range rapid.IntRange(1, 12).Draw(t, "rules") {
		selectors := []string{drawSelector(t)}
		if rapid.Bool().Draw(t, "list") {
			selectors = append(selectors, drawSelector(t))
		}
		seen := make(map[string]bool)
		var declarations []string
		for _, d := range rapid.SliceOfN(rapid.SampledFrom(values), 1, 4).Draw(t, "declarations") {
			if property, _, _ := strings.Cut(d, ":"); !seen[property] {
				seen[property] = true
				declarations = append(declarations, d)
			}
		}
		fmt.Fprintf(&b, "%s { %s }\n", strings.Join(selectors, ", "), strings.Join(declarations, "; "))
	}
	return b.String()
}

func drawBody(t *rapid.T, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "children") {
		tag := rapid.SampledFrom([]string{"div", "p", "b"}).Draw(t, "tag")
		if tag == "p" && depth > 0 {
			tag = "div" // a p cannot hold blocks
		}
		attrs := rapid.SampledFrom([]string{"", ` class="a"`, ` class="b"`, ` class="a b"`, ` id="i"`, ` id="j" class="a"`, ` style="color: blue; margin-top: 11px"`}).Draw(t, "attrs")
		inner := "x"
		if depth > 0 {
			inner += drawBody(t, depth-1)
		}
		fmt.Fprintf(&b, "<%s%s>%s</%s>", tag, attrs, inner, tag)
	}
	return b.String()
}

// Whatever the lint lets through is inlined exactly.
func TestSubsetIsExact(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	rapid.Check(t, func(t *rapid.T) {
		css := drawSheet(t)
		if ps := sheet.LintInlined("x.css", css); len(ps) > 0 {
			t.Fatalf("the lint refuses a sheet of the subset: %v", ps)
		}
		doc := asMail(css, drawBody(t, 2))
		if diffs := inlinedDifferences(t, page, doc); len(diffs) > 0 {
			t.Fatalf("got %d differences, want 0: %s\n%s", len(diffs), diffs[0], doc)
		}
	})
}

// What the lint refuses is refused for a reason: in each of these the inlined
// mail looks different. When a newer inliner corrects one, the lint may allow it.
func TestOutsideTheSubsetBreaks(t *testing.T) {
	t.Parallel()
	page := browsertest.New(t).Page(t)
	const body = `<div class="a" title="x"><p class="b">one</p><p>two</p><b id="i">three</b></div><p class="c" style="color: blue">four</p>`
	for name, css := range map[string]string{
		"pseudo-class":     "p:first-child { color: red }\np { color: blue }\n",
		"is":               ":is(p, b) { color: red }\n",
		"not":              "p:not(.b,.c) { color: red }\n",
		"attribute":        ".a { color: blue }\n[title] { color: red }\n",
		"unspaced child":   "div>p { color: red }\np { color: blue }\n",
		"universal":        "* { color: red }\n",
		"important":        ".c { color: red !important }\n",
		"media":            "@media (min-width: 1px) { p { color: red } }\n",
		"supports":         "@supports (color: red) { p { color: red } }\np { margin: 9px }\n",
		"layer":            "@layer x { p { color: red } }\np { margin: 9px }\n",
		"variable":         "body { --ink: red }\np { color: var(--ink) }\n",
		"nesting":          ".a { color: red; p { color: blue } }\np { margin: 9px }\n",
		"given twice":      "p { color: red; color: nonsense }\n",
		"no colon":         "p { color red }\n.b { margin: 9px }\n",
		"upper url":        ".a { background: URL(data:image/png;base64,AAAA); color: red }\n",
		"style with media": "",
	} {
		doc := asMail(css, body)
		if css == "" {
			doc = strings.Replace(asMail("p { color: red }\n", body), "<style>", `<style media="screen">`, 1)
		} else if len(sheet.LintInlined("x.css", css)) == 0 {
			t.Errorf("%s: the lint lets it through", name)
		}
		inlined, err := inline(doc)
		if err != nil {
			continue // broken loudly
		}
		if diffs := differences(page, view{"", 1000, false}, doc, anyStyle.ReplaceAllString(inlined, "")); len(diffs) == 0 {
			t.Errorf("%s: got no difference, want the inlined mail to look different", name)
		}
	}
}
