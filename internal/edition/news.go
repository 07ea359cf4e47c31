package edition

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// Weight is how much news a comparison is, the greater the more.
type Weight int

// The weights. What readers would not expect comes before what they would: a
// panel that agrees to ship is the least.
const (
	WeightNone      Weight = iota // no verdict, or the word of a single reviewer
	WeightShip                    // a plain ship
	WeightUnanimous               // every reviewer ships it
	WeightUpdated                 // the verdict is a new one on a tool that was judged before
	WeightUpset                   // the cheaper tool beats the dearer one
	WeightReversal                // readers vote against the panel
	WeightSplit                   // the panel is split
	WeightSkip                    // a tool is skipped

	weightChosen // an editor leads with it
)

// String names the weight for an editor.
func (w Weight) String() string {
	return [...]string{"no verdict", "a ship", "a unanimous ship", "an updated verdict", "the cheaper one wins",
		"readers against the panel", "a split panel", "a skip"}[w]
}

// News weighs a comparison by what is most telling in it.
func News(c comparison.Comparison) Weight { return newsOf(0, c).weight }

// news is what one comparison has to tell, as clauses for a headline.
type news struct {
	at     int // index of the comparison in the edition
	weight Weight
	unit   unit
	clause string // in the middle of a sentence: "Windsurf is skipped 3–2"
	bare   string // the same without a figure
	names  []string
}

// ranked gives the news of an edition, that of the lead which an editor chose
// first, then the most telling; equals stay in the edition's order. Comparisons
// without a verdict are left out.
func ranked(list []comparison.Comparison, lead string) []news {
	var all []news
	for i, c := range list {
		if n := newsOf(i, c); n.weight > WeightNone {
			all = append(all, n)
		}
	}
	rank := func(n news) Weight {
		if lead != "" && list[n.at].Slug == lead {
			return weightChosen
		}
		return n.weight
	}
	slices.SortStableFunc(all, func(a, b news) int { return cmp.Compare(rank(b), rank(a)) })
	return all
}

func newsOf(at int, c comparison.Comparison) news {
	a, b := standings(c)
	if b.verdict.ShipShare() > a.verdict.ShipShare() || !a.known() {
		a, b = b, a
	}
	n := news{at: at, names: []string{a.name, b.name}}
	pair := func(w Weight, clause string) news {
		n.weight, n.clause, n.bare = w, clause, clause
		return n
	}
	of := func(w Weight, s standing) news {
		n.names = []string{s.name}
		n.weight, n.clause, n.bare = w, s.said(false), s.said(true)
		if n.clause != n.bare {
			n.unit = s.unit()
		}
		return n
	}
	switch {
	case !a.known():
		return n
	case b.kind() == comparison.OutcomeSkip && a.kind() == comparison.OutcomeShip:
		return pair(WeightSkip, "ship "+a.name+", skip "+b.name)
	case b.kind() == comparison.OutcomeSkip && a.kind() == comparison.OutcomeSkip:
		return pair(WeightSkip, "skip both "+a.name+" and "+b.name)
	case b.kind() == comparison.OutcomeSkip:
		return of(WeightSkip, b)
	case a.kind() == comparison.OutcomeSkip:
		return of(WeightSkip, a)
	case b.kind() == comparison.OutcomeSplit:
		return of(WeightSplit, b)
	case a.kind() == comparison.OutcomeSplit:
		return of(WeightSplit, a)
	}
	if name, ok := reversed(c); ok {
		n.names = []string{name}
		return pair(WeightReversal, "readers skip "+name+" against the panel")
	}
	switch {
	case upset(a, b):
		return pair(WeightUpset, a.name+" beats "+b.name+" for less")
	case !c.Updated.IsZero():
		updated := of(WeightUpdated, a)
		updated.clause, updated.bare = updated.clause+" on a second look", updated.bare+" on a second look"
		return updated
	case a.unanimous():
		return of(WeightUnanimous, a)
	}
	return of(WeightShip, a)
}

// reversedFrom is how many votes of readers can stand against a panel.
const reversedFrom = 10

// reversed finds a tool that the panel ships and the readers skip.
func reversed(c comparison.Comparison) (name string, ok bool) {
	for _, t := range c.Tools {
		v := t.Community
		if v == nil || v.Ship+v.Skip < reversedFrom || t.Panel.Outcome() != comparison.OutcomeShip {
			continue
		}
		readers := comparison.Panel{Ship: &v.Ship, Skip: &v.Skip}
		if readers.Outcome() == comparison.OutcomeSkip {
			return toolName(t.Name), true
		}
	}
	return "", false
}

// upset reports whether a, the tool with the better verdict, also costs less to
// start. Only prices that are plainly numbers of one currency are compared.
func upset(a, b standing) bool {
	if a.unit() != b.unit() || a.verdict.ShipShare() <= b.verdict.ShipShare() {
		return false
	}
	pa, currencyA, okA := price(a.entry)
	pb, currencyB, okB := price(b.entry)
	return okA && okB && pa < pb && (currencyA == currencyB || currencyA == "")
}

// price reads "Free", "$20/month" or "€9.50 a month".
func price(entry string) (amount float64, currency string, ok bool) {
	if strings.EqualFold(entry, "free") {
		return 0, "", true
	}
	for _, c := range []string{"$", "€", "£"} {
		rest, found := strings.CutPrefix(entry, c)
		if !found {
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end < 0 {
			end = len(rest)
		}
		amount, err := strconv.ParseFloat(rest[:end], 64)
		return amount, c, err == nil
	}
	return 0, "", false
}
