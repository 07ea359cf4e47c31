package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
)

// The longest texts that a mail takes, in characters; longer ones are cut at a
// word, and the notes say so.
const (
	maxName    = 100
	maxLabel   = 80
	maxTagline = 220
	maxPricing = 200
)

// An Item is one comparison as the templates see it. Every string is cleaned
// (see clean) and nothing is guessed: "" is unknown.
type Item struct {
	Number     int
	Tools      [2]Tool
	Ruling     string // one sentence that the verdicts come to; "" when both are unknown
	URL        string // the full comparison
	Decision   []Row  // the decision table
	Reviews    []ReviewRow
	ReviewNote string // what the source does not say of its reviewers
}

// A Tool is one side of an Item.
type Tool struct {
	Name     string
	Tagline  string
	Category string
	URL      string
	Entry    string
	Verdict  Verdict
	Percent  int // share of ship, 0 to 100; -1 when unknown
	Quote    *Quote
}

// HasPercent reports whether the share of ship is known.
func (t Tool) HasPercent() bool { return t.Percent >= 0 }

// Rest is what the bar leaves, in per cent.
func (t Tool) Rest() int { return 100 - t.Percent }

// A Row is a line of the decision table.
type Row struct {
	Label string
	Cells [2]Cell
}

// A Cell is a value of the decision table, or what stands for an absent one.
type Cell struct {
	Text   string
	Class  string // the verdict's class in the row of the panel, otherwise ""
	Absent bool
}

// A viewer builds items and collects what it had to leave out.
type viewer struct {
	site  Site
	limit int // characters of a quote
	notes []string
}

func (v *viewer) note(format string, args ...any) {
	v.notes = append(v.notes, fmt.Sprintf(format, args...))
}

// item turns a comparison into what templates show.
func (v *viewer) item(number int, c comparison.Comparison) Item {
	it := Item{Number: number}
	for i, t := range c.Tools {
		it.Tools[i] = v.tool(c.Slug, t)
	}
	it.Ruling = ruling(it.Tools[0], it.Tools[1])
	full, ok := link(c.URL)
	if !ok {
		v.note("%s: url is no http(s) address; the mail links the archive page instead", c.Slug)
	}
	if full == "" {
		full = v.site.BaseURL + "/compare/" + c.Slug
	}
	it.URL = full
	it.Decision = v.decision(c)
	it.Reviews, it.ReviewNote = reviewRows(c.Tools)
	return it
}

func (v *viewer) tool(slug string, t comparison.Tool) Tool {
	out := Tool{
		Name:     v.cut(slug, "name", t.Name, maxName),
		Tagline:  v.cut(slug, "tagline", t.Tagline, maxTagline),
		Category: v.cut(slug, "category", t.Category, maxLabel),
		Entry:    v.cut(slug, "entry", t.Entry, maxLabel),
	}
	url, ok := link(t.URL)
	if !ok {
		v.note("%s: the url of %s is no http(s) address; the mail leaves it out", slug, out.Name)
	}
	out.URL = url
	out.Verdict, out.Percent = panel(t.Panel)
	verdict := comparison.Verdict(strings.ToLower(out.Verdict.Label))
	q, ok := quote(t, verdict, v.limit)
	switch {
	case ok:
		out.Quote = &q
	case len(t.Reviews) > 0:
		v.note("%s: no take on %s has a first sentence short enough to quote", slug, out.Name)
	}
	return out
}

// decision gives the rows of the decision table. A row that neither tool has
// stays out, and so does "best for" where it only repeats the taglines.
func (v *viewer) decision(c comparison.Comparison) []Row {
	rows := []Row{{Label: "Panel", Cells: v.cells(c, func(t comparison.Tool) Cell {
		verdict, _ := panel(t.Panel)
		return Cell{Text: panelWords(t.Panel), Class: verdict.Class}
	}, "Not known")}}
	rows = append(rows, Row{Label: "Community", Cells: v.cells(c, func(t comparison.Tool) Cell {
		return Cell{Text: votes(t.Community)}
	}, "No reader has voted yet")})
	for _, field := range []struct {
		label string
		of    func(comparison.Tool) string
		max   int
	}{
		{"To start", func(t comparison.Tool) string { return t.Entry }, maxLabel},
		{"Pricing", func(t comparison.Tool) string { return t.Pricing }, maxPricing},
		{"Best for", func(t comparison.Tool) string { return t.BestFor }, maxTagline},
		{"Category", func(t comparison.Tool) string { return t.Category }, maxLabel},
	} {
		absent := field.of(c.Tools[0]) == "" && field.of(c.Tools[1]) == ""
		if absent || field.label == "Best for" && repeatsTagline(c.Tools[0]) && repeatsTagline(c.Tools[1]) {
			continue
		}
		rows = append(rows, Row{Label: field.label, Cells: v.cells(c, func(t comparison.Tool) Cell {
			return Cell{Text: v.cut(c.Slug, strings.ToLower(field.label), field.of(t), field.max)}
		}, "Not stated")})
	}
	return rows
}

// repeatsTagline reports whether "best for" says nothing that the tagline,
// which stands above the table, does not say.
func repeatsTagline(t comparison.Tool) bool {
	return t.BestFor == "" || strings.EqualFold(clean(t.BestFor), clean(t.Tagline))
}

func (v *viewer) cells(c comparison.Comparison, of func(comparison.Tool) Cell, absent string) [2]Cell {
	var cells [2]Cell
	for i, t := range c.Tools {
		if cells[i] = of(t); cells[i].Text == "" {
			cells[i] = Cell{Text: absent, Absent: true}
		}
	}
	return cells
}

// votes words the community's votes; "" when there are none yet.
func votes(c *comparison.Votes) string {
	if c == nil {
		return ""
	}
	all := c.Ship + c.Skip
	if all == 0 {
		return "0 votes"
	}
	return fmt.Sprintf("%d ship, %d skip (%d%% ship)", c.Ship, c.Skip, (100*c.Ship+all/2)/all)
}

// cut cleans a field and shortens it at a word to at most limit characters.
func (v *viewer) cut(slug, field, s string, limit int) string {
	s = clean(s)
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	short := string([]rune(s)[:limit-1])
	if i := strings.LastIndexByte(short, ' '); i > len(short)/2 {
		short = short[:i]
	}
	short = strings.TrimRight(short, " ,;:–—-") + "…"
	v.note("%s: %s shortened to %d characters: %s", slug, field, limit, short)
	return short
}
