package wording

import (
	"fmt"

	"verdicts.example/digest/internal/comparison"
)

// A Verdict is what a panel says of a tool.
type Verdict struct {
	outcome comparison.Outcome
	percent int  // of the panel would ship it; known with an outcome
	counted bool // ship and skip are known
	ship    int
	skip    int
	partial string // what is known where it comes to no verdict: "3 ship"
}

// VerdictOf reads a panel. One that counts nobody has no verdict.
func VerdictOf(p *comparison.Panel) Verdict {
	if p == nil || p.Ship != nil && p.Skip != nil && *p.Ship+*p.Skip == 0 {
		return Verdict{}
	}
	v := Verdict{outcome: p.Outcome(), counted: p.Counted()}
	v.percent, _ = p.Shown()
	switch {
	case v.counted:
		v.ship, v.skip = *p.Ship, *p.Skip
	case p.Ship != nil:
		v.partial = fmt.Sprintf("%d ship", *p.Ship)
	case p.Skip != nil:
		v.partial = fmt.Sprintf("%d skip", *p.Skip)
	}
	return v
}

// Known reports whether there is a verdict.
func (v Verdict) Known() bool { return v.outcome != comparison.OutcomeUnknown }

// Counted reports whether the votes are known one by one.
func (v Verdict) Counted() bool { return v.counted }

// One reports whether the panel is a single reviewer.
func (v Verdict) One() bool { return v.counted && v.ship+v.skip == 1 }

// Outcome is the verdict in the content model's terms.
func (v Verdict) Outcome() comparison.Outcome { return v.outcome }

// Class is the verdict's class in a style sheet: ship, skip, split or unknown.
func (v Verdict) Class() string {
	if !v.Known() {
		return "unknown"
	}
	return string(v.outcome)
}

// Label is the verdict in a word: Ship, Skip, Split; "" when unknown.
func (v Verdict) Label() string {
	switch v.outcome {
	case comparison.OutcomeShip:
		return "Ship"
	case comparison.OutcomeSkip:
		return "Skip"
	case comparison.OutcomeSplit:
		return "Split"
	}
	return ""
}

// ShipShare and SkipShare are the two sides of a bar, in per cent; both 0 when
// unknown.
func (v Verdict) ShipShare() int { return v.percent }

// SkipShare is the other side of the bar.
func (v Verdict) SkipShare() int {
	if !v.Known() {
		return 0
	}
	return 100 - v.percent
}

// Votes says how the panel voted, on the verdict's side: "3 of 4", "3 of 5
// against", "a panel of one"; where only the share is known "25% ship".
func (v Verdict) Votes() string {
	all := v.ship + v.skip
	switch {
	case !v.counted:
		return fmt.Sprintf("%d%% ship", v.percent)
	case all == 1:
		return "a panel of one"
	case v.outcome == comparison.OutcomeSkip:
		return fmt.Sprintf("%d of %d against", v.skip, all)
	}
	return fmt.Sprintf("%d of %d", v.ship, all)
}

// Score is the votes with the larger number first, as a headline has them:
// "4–0"; "" where they are not known.
func (v Verdict) Score() string {
	if !v.counted {
		return ""
	}
	return fmt.Sprintf("%d–%d", max(v.ship, v.skip), min(v.ship, v.skip))
}

// Short is the verdict with its votes: "Ship, 3 of 4", "Skip, 3 of 5 against",
// "Ship, 75%", "Skip · 25% ship". A panel that is known in part gives what is known, an
// unknown one "".
func (v Verdict) Short() string {
	switch {
	case !v.Known():
		return v.partial
	case v.counted:
		return v.Label() + ", " + v.Votes()
	case v.outcome == comparison.OutcomeShip: // "ship" is said already
		return fmt.Sprintf("%s, %d%%", v.Label(), v.percent)
	}
	return v.Label() + " · " + v.Votes()
}

// Line is Short with the share of ship, where that does not say it already:
// "Ship, 3 of 4 (75%)", "Skip, 3 of 5 against (40% ship)".
func (v Verdict) Line() string {
	switch {
	case !v.Known() || !v.counted:
		return v.Short()
	case v.outcome == comparison.OutcomeSkip:
		return fmt.Sprintf("%s (%d%% ship)", v.Short(), v.percent)
	}
	return fmt.Sprintf("%s (%d%%)", v.Short(), v.percent)
}
