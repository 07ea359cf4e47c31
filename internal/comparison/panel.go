package comparison

import "math"

// Outcome is what a panel's votes come to, in one word.
type Outcome string

// The outcomes. A panel within five points of 50 per cent is split.
const (
	OutcomeUnknown Outcome = ""
	OutcomeShip    Outcome = "ship"
	OutcomeSkip    Outcome = "skip"
	OutcomeSplit   Outcome = "split"

	splitWithin = 5
)

// Share is the panel's share of ship in per cent: from the counts where both
// are known, as they are exact, else as stated. A nil panel is unknown.
func (p *Panel) Share() (percent float64, known bool) {
	switch {
	case p == nil:
		return 0, false
	case p.Counted():
		return 100 * float64(*p.Ship) / float64(*p.Ship+*p.Skip), true
	case p.Percent != nil:
		return float64(*p.Percent), true
	}
	return 0, false
}

// Counted reports whether the votes are known one by one.
func (p *Panel) Counted() bool {
	return p != nil && p.Ship != nil && p.Skip != nil && *p.Ship+*p.Skip > 0
}

// Shown is the per cent to show: as stated, else from the counts, rounded. All
// and none are said only of those: 199 of 200 is 99 per cent, also where 100 is
// stated.
func (p *Panel) Shown() (percent int, known bool) {
	share, known := p.Share()
	percent = int(math.Round(share))
	if p != nil && p.Percent != nil {
		percent = *p.Percent
	}
	if share > 0 && share < 100 {
		percent = min(max(percent, 1), 99)
	}
	return percent, known
}

// Outcome reports whether the panel would ship.
func (p *Panel) Outcome() Outcome {
	share, known := p.Share()
	switch {
	case !known:
		return OutcomeUnknown
	case share > 50+splitWithin:
		return OutcomeShip
	case share < 50-splitWithin:
		return OutcomeSkip
	}
	return OutcomeSplit
}
