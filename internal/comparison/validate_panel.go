package comparison

import "verdicts.example/digest/internal/strictyaml"

// PanelFits reports whether the panel's numbers agree with each other and with
// the reviews.
func (t Tool) PanelFits() bool {
	var v validator
	v.panel("panel", t)
	return len(v.list) == 0
}

// panel checks the panel's numbers, alone and against each other and the
// reviews: what contradicts is a mistake in one of them.
func (v *validator) panel(at string, t Tool) {
	p := t.Panel
	if p == nil {
		return
	}
	ok := v.count(at+".ship", p.Ship)
	ok = v.count(at+".skip", p.Skip) && ok
	if p.Percent != nil && (*p.Percent < 0 || *p.Percent > 100) {
		v.invalid(at+".percent", "percent: is %d, but must be 0 to 100", *p.Percent)
		ok = false
	}
	if !ok {
		return
	}
	said := tally(t.Reviews)
	v.againstReviews(at+".ship", "ship", p.Ship, said.ship, said)
	v.againstReviews(at+".skip", "skip", p.Skip, said.skip, said)
	if p.Ship != nil && p.Skip != nil && said.total > *p.Ship+*p.Skip {
		v.invalid(at, "panel: counts %d reviewers, but %d wrote a review", *p.Ship+*p.Skip, said.total)
	}
	v.percent(at+".percent", *p, said)
}

// count refuses a negative number of reviewers or votes.
func (v *validator) count(field string, n *int) bool {
	if n == nil || *n >= 0 {
		return true
	}
	v.invalid(field, "%s: is %d, but a count is 0 or more", strictyaml.Leaf(field), *n)
	return false
}

// A verdictTally is what the reviews themselves say.
type verdictTally struct{ ship, skip, total int }

// complete reports whether every review has a verdict, so that the counts are
// exact and not only lower bounds.
func (s verdictTally) complete() bool { return s.total > 0 && s.ship+s.skip == s.total }

func tally(reviews []Review) verdictTally {
	s := verdictTally{total: len(reviews)}
	for _, r := range reviews {
		switch r.Verdict {
		case Ship:
			s.ship++
		case Skip:
			s.skip++
		}
	}
	return s
}

func (v *validator) againstReviews(field, word string, panel *int, said int, s verdictTally) {
	if panel == nil || said == *panel || said < *panel && !s.complete() {
		return
	}
	v.invalid(field, "%s: is %d, but %d of the reviews below say %s", word, *panel, said, word)
}

// percent must be the share of ship, rounded up or down.
func (v *validator) percent(field string, p Panel, s verdictTally) {
	if p.Percent == nil {
		return
	}
	ship, total := s.ship, s.total
	switch {
	case p.Ship != nil && p.Skip != nil:
		ship, total = *p.Ship, *p.Ship+*p.Skip
	case !s.complete():
		return
	}
	if total == 0 {
		if *p.Percent != 0 {
			v.invalid(field, "percent: is %d, but the panel counts nobody", *p.Percent)
		}
		return
	}
	if off := *p.Percent*total - 100*ship; off <= -total || off >= total {
		v.invalid(field, "percent: is %d, but %d of %d is %d", *p.Percent, ship, total, (200*ship+total)/(2*total))
	}
}
