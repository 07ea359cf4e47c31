package web

import (
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// comparisonView is a comparison as a page shows it: in words, with addresses
// that a page may link to.
type comparisonView struct {
	wording.Comparison
	URL       string // the full page elsewhere, "" when this site has the only one
	Published time.Time
	Readers   bool // readers can save it
	Votable   bool // and vote on it
}

func viewOf(c comparison.Comparison, loc *time.Location) comparisonView {
	for i := range c.Tools {
		c.Tools[i].URL = webLink(c.Tools[i].URL)
	}
	return comparisonView{Comparison: wording.Of(c), URL: webLink(c.URL), Published: c.Published.In(loc)}
}

// webLink gives an address that a page may link to, in the form that the mail
// has it in, or "".
func webLink(s string) string {
	link, _ := wording.Link(s)
	return link
}

// viewOf is viewOf with our own readers' votes.
func (s *server) viewOf(c comparison.Comparison, now *shown) comparisonView {
	v := viewOf(c, s.Site.Location)
	v.Comparison = v.WithReaders(now.tallies[c.Slug], s.VoteRules.Least)
	return v
}
