package sitepage

import (
	"fmt"
	"html"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// These write a comparison as the site's pages show it.

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func percentText(p *comparison.Panel) string {
	if p == nil || p.Percent == nil {
		return "—"
	}
	return fmt.Sprintf("%d%%", *p.Percent)
}

func countsText(ship, skip int) string {
	word := "Ship"
	if skip > ship {
		word = "Skip"
	}
	return fmt.Sprintf("%s · %d ship / %d skip", word, ship, skip)
}

func verdictText(p *comparison.Panel) string {
	if p == nil || p.Ship == nil || p.Skip == nil {
		return "—"
	}
	return countsText(*p.Ship, *p.Skip)
}

func votesText(v *comparison.Votes) string {
	if v == nil {
		return "No community votes yet"
	}
	return countsText(v.Ship, v.Skip)
}

func intro() string {
	return "Which one should you ship with? Here is the side-by-side panel verdict, pricing read, reviewer split, and community vote comparison."
}

// labelledText is the layout with names and scores. Blocks stand an empty line
// apart, as in the site's text.
func labelledText(c comparison.Comparison) string {
	blocks := []string{"Compare/" + c.Title(), "AI tool comparison", c.Title(), intro()}
	for _, t := range c.Tools {
		blocks = append(blocks, string([]rune(t.Name)[:1]), dash(t.Category), t.Name, dash(t.Tagline), "Ship", percentText(t.Panel), "Panel ship",
			"Community", dash(t.Entry), "Entry", dash(t.Description))
	}
	rows := []string{"Decision", c.Tools[0].Name, c.Tools[1].Name}
	for _, row := range decisionRows(c) {
		rows = append(rows, row[:]...)
	}
	blocks = append(blocks, strings.Join(rows, "\n"), "Reviewer scorecard")
	for _, r := range comparison.Reviewers() {
		blocks = append(blocks, string(r))
		for _, t := range c.Tools {
			blocks = append(blocks, cellText(t, r)...)
		}
	}
	return strings.Join(append(blocks, "Weekly AI Tool Verdicts", "Get the next comparison in your inbox"), "\n\n")
}

func decisionRows(c comparison.Comparison) [][3]string {
	a, b := c.Tools[0], c.Tools[1]
	return [][3]string{
		{"Panel verdict", verdictText(a.Panel), verdictText(b.Panel)},
		{"Community", votesText(a.Community), votesText(b.Community)},
		{"Pricing", dash(a.Pricing), dash(b.Pricing)},
		{"Best for", dash(a.BestFor), dash(b.BestFor)},
		{"Category", dash(a.Category), dash(b.Category)},
	}
}

func cellText(t comparison.Tool, reviewer comparison.Reviewer) []string {
	for _, r := range t.Reviews {
		if r.Reviewer == reviewer {
			return []string{fmt.Sprintf("%d/100 · %s", *r.Score, r.Verdict), r.Take}
		}
	}
	return []string{"No panel take"}
}

// compactText is the layout with quotes only; both tools have as many takes.
func compactText(c comparison.Comparison) string {
	lines := []string{"AI tool comparison", c.Title(), intro()}
	for _, t := range c.Tools {
		lines = append(lines, dash(t.Category), t.Name, dash(t.Tagline), percentText(t.Panel), "Panel ship", "—", "Community", dash(t.Entry), "Entry",
			dash(t.Description))
	}
	lines = append(lines, "Reviewer scorecard")
	for i := range c.Tools[0].Reviews {
		for _, t := range c.Tools {
			lines = append(lines, "“"+t.Reviews[i].Take+"”")
		}
	}
	lines = append(lines, "Weekly AI Tool Verdicts", "Get the next comparison in your inbox")
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n\n", "\n")
}

const htmlTop = `<!DOCTYPE html><html lang="en"><head><title>x vs y</title><style>.a{content:"Panel ship"}</style>
<script>var x = "<p>No panel take</p>";</script></head><body><nav><a href="/">Home</a><button>Menu</button></nav><main>`

const htmlBottom = `<section><h2>Weekly AI Tool Verdicts</h2><p>Get the next comparison in your inbox</p><form><input name="email"><button>Join</button></form></section>
<section><h2>Bookmarks</h2><p>Loading bookmarks...</p></section></main><footer>© Site</footer><script>0</script></body></html>`

// pageHTML is either layout as HTML: div soup, and the decision as a table.
func pageHTML(c comparison.Comparison, labelled bool) string {
	var b strings.Builder
	e := html.EscapeString
	fmt.Fprintf(&b, "%s<div class=crumb><a href=/c>Compare</a>/<span>%s</span></div><div>AI tool comparison</div><h1>%s</h1>\n<p>%s</p>", htmlTop, e(c.Title()), e(c.Title()), intro())
	for _, t := range c.Tools {
		fmt.Fprintf(&b, "<div class=\"card\">\n<div><div aria-hidden=true>%s</div><div><p>%s</p>\n<h2><a href=\"#\">%s</a></h2></div></div><p>%s</p>",
			e(string([]rune(t.Name)[:1])), e(dash(t.Category)), e(t.Name), e(dash(t.Tagline)))
		if labelled {
			b.WriteString("<div>Ship</div>")
		}
		fmt.Fprintf(&b, "<div><div><p>%s</p><p>Panel ship</p></div><div><b>—</b><span>Community</span></div><div>%s<span>Entry</span></div></div>\n<div>%s</div></div>",
			percentText(t.Panel), e(dash(t.Entry)), paragraphsHTML(dash(t.Description)))
	}
	if labelled {
		fmt.Fprintf(&b, "<table><tr><th>Decision</th><th>%s</th><th>%s</th></tr>\n", e(c.Tools[0].Name), e(c.Tools[1].Name))
		for _, row := range decisionRows(c) {
			fmt.Fprintf(&b, "<tr><th>%s</th><td>%s</td><td>%s</td></tr>\n", e(row[0]), e(row[1]), e(row[2]))
		}
		b.WriteString("</table><h2>Reviewer scorecard</h2>")
		for _, r := range comparison.Reviewers() {
			fmt.Fprintf(&b, "<section><h3>%s</h3>", r)
			for _, t := range c.Tools {
				cell := cellText(t, r)
				fmt.Fprintf(&b, "\n<div class=\"cell\"><div>%s</div>%s</div>", e(cell[0]), paragraphsHTML(strings.Join(cell[1:], "")))
			}
			b.WriteString("</section>")
		}
		return b.String() + htmlBottom
	}
	b.WriteString("<h2>Reviewer scorecard</h2><div>")
	for i := range c.Tools[0].Reviews {
		for _, t := range c.Tools {
			fmt.Fprintf(&b, "<blockquote>%s</blockquote>\n", paragraphsHTML("“"+t.Reviews[i].Take+"”"))
		}
	}
	return b.String() + "</div>" + htmlBottom
}

func paragraphsHTML(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n\n", "</p>\n<p>") + "</p>"
}
