package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/wording"
)

// The longest texts that a mail takes, in characters; longer ones are cut at a
// word, and the notes say so.
const (
	maxName    = 100
	maxLabel   = 80
	maxTagline = 220
	maxPricing = 200
)

// An Item is one comparison as the templates see it: in words, every string
// cleaned (see clean), nothing guessed.
type Item struct {
	wording.Comparison
	Number int
	URL    string // the full comparison
	Vote   bool   // readers can vote there
	// VoteURL is the reader's own link to vote here on both tools.
	VoteURL string
	SaveURL string // the reader's own link to save it
	Quotes  []Quote
	Update  string // what changed since it was featured; "" for a first time

	least int // fewer votes are no number
}

// Anchor is the name that links within the mail lead to.
func (it Item) Anchor() string { return fmt.Sprintf("c%d", it.Number) }

// Scored reports whether the reviewers' results are worth a table.
func (it Item) Scored() bool { return wording.Scored(it.Reviews) }

// Verdicts is the row of the panel: the HTML has them above the table, with bars.
func (it Item) Verdicts() wording.Row { return it.Decision[0] }

// Facts are the rows of the decision table below or above the panel's: what it costs
// and whom it is for before what readers think.
func (it Item) Facts() []wording.Row {
	var facts, readers []wording.Row
	for _, r := range it.Decision[1:] {
		if r.OfReaders() {
			readers = append(readers, r)
		} else {
			facts = append(facts, r)
		}
	}
	return append(facts, readers...)
}

// Brief are the rows that a brief item has below the panel's: how readers voted,
// what it costs to start, and whom it is for.
func (it Item) Brief() []wording.Row { return wording.Inviting(wording.Brief(it.Tools), it.least) }

// A viewer builds items and collects what it had to leave out.
type viewer struct {
	site   Site
	week   edition.Week
	limit  int // characters of a quote
	quotes map[string][2]string
	voted  Voted
	notes  []string
}

func (v *viewer) note(format string, args ...any) {
	v.notes = append(v.notes, fmt.Sprintf(format, args...))
}

// item turns a comparison into what templates show, with all that it has; brief
// keeps what a brief one has.
func (v *viewer) item(number int, c comparison.Comparison, brief bool) Item {
	full, ok := link(c.URL)
	if !ok {
		v.note("%s: url is not an http(s) address; the mail links the archive page instead", c.Slug)
	}
	it := Item{Number: number, URL: full, Vote: full != "", least: v.voted.Least}
	if full == "" {
		it.URL = v.site.BaseURL + "/compare/" + c.Slug
	}
	c = v.trimmed(c)
	it.Comparison = wording.Of(c).WithReaders(v.voted.Tallies[c.Slug], v.voted.Least)
	wording.Inviting(it.Decision, v.voted.Least)
	it.VoteURL = v.voteURL(v.week, c.Slug)
	it.SaveURL = v.site.BaseURL + "/save/" + string(mergefield.Save) + "/" + c.Slug
	it.Quotes = v.quote(c, brief)
	return it
}

// voteURL is the reader's own link to vote on both tools of a comparison that an
// edition had.
func (v *viewer) voteURL(w edition.Week, slug string) string {
	return v.site.BaseURL + "/vote/" + string(mergefield.Vote) + "/" + w.String() + "/" + slug
}

// trimmed cleans every text of a comparison and cuts it to what a mail takes.
func (v *viewer) trimmed(c comparison.Comparison) comparison.Comparison {
	for i := range c.Tools {
		t := &c.Tools[i]
		t.Name = v.cut(c.Slug, "name", t.Name, maxName)
		t.Tagline = v.cut(c.Slug, "tagline", t.Tagline, maxTagline)
		t.Category = v.cut(c.Slug, "category", t.Category, maxLabel)
		t.Entry = v.cut(c.Slug, "to start", t.Entry, maxLabel)
		t.Pricing = v.cut(c.Slug, "pricing", t.Pricing, maxPricing)
		t.BestFor = v.cut(c.Slug, "best for", t.BestFor, maxTagline)
		url, ok := link(t.URL)
		if !ok {
			v.note("%s: the url of %s is not an http(s) address; the mail leaves it out", c.Slug, t.Name)
		}
		t.URL = url
	}
	return c
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
