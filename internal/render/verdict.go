package render

import (
	"fmt"

	"verdicts.example/digest/internal/comparison"
)

// A Verdict is a panel's or a reviewer's verdict as a mail words it.
type Verdict struct {
	Class string // ship, skip, split or unknown: the class in the style sheet
	Label string // Ship, Skip, Split; "" when unknown
}

// Known reports whether there is a verdict.
func (v Verdict) Known() bool { return v.Class != "unknown" }

// The verdicts. A panel whose two sides weigh the same is split.
func unknownVerdict() Verdict { return Verdict{Class: "unknown"} }

func verdictOf(v comparison.Verdict) Verdict {
	switch v {
	case comparison.Ship:
		return Verdict{Class: "ship", Label: "Ship"}
	case comparison.Skip:
		return Verdict{Class: "skip", Label: "Skip"}
	}
	return unknownVerdict()
}

// panel gives the share of ship in per cent, -1 when unknown, and the verdict
// that follows from it.
func panel(p *comparison.Panel) (v Verdict, percent int) {
	percent, known := p.Shown()
	if !known {
		return unknownVerdict(), -1
	}
	switch p.Outcome() {
	case comparison.OutcomeShip:
		return verdictOf(comparison.Ship), percent
	case comparison.OutcomeSkip:
		return verdictOf(comparison.Skip), percent
	}
	return Verdict{Class: "split", Label: "Split"}, percent
}

// panelWords is the panel's line in the decision table: "Ship · 3 ship, 1 skip".
func panelWords(p *comparison.Panel) string {
	v, percent := panel(p)
	if p == nil {
		return ""
	}
	counts := ""
	switch {
	case p.Ship != nil && p.Skip != nil:
		counts = fmt.Sprintf("%d ship, %d skip", *p.Ship, *p.Skip)
	case p.Ship != nil:
		counts = fmt.Sprintf("%d ship", *p.Ship)
	case p.Skip != nil:
		counts = fmt.Sprintf("%d skip", *p.Skip)
	}
	switch {
	case !v.Known():
		return counts
	case counts == "":
		return fmt.Sprintf("%s, %d%% for it", v.Label, percent)
	}
	return v.Label + " · " + counts
}

// ruling says in one sentence what the two verdicts come to, or "" where
// neither is known. It names no reason: those are the reviewers'.
func ruling(a, b Tool) string {
	an, bn := isolate(a.Name), isolate(b.Name)
	switch va, vb := a.Verdict.Class, b.Verdict.Class; {
	case va == "unknown" && vb == "unknown":
		return ""
	case va == "unknown" || vb == "unknown":
		known, other := a, bn
		if va == "unknown" {
			known, other = b, an
		}
		return fmt.Sprintf("%s; the panel’s verdict on %s is not known.", oneSided(known), other)
	case va == vb:
		return sameVerdict(a, b)
	case va == "split" || vb == "split":
		decided, split := a, bn
		if va == "split" {
			decided, split = b, an
		}
		return fmt.Sprintf("%s; the panel is split on %s.", oneSided(decided), split)
	case va == "ship":
		return fmt.Sprintf("Ship %s, skip %s.", an, bn)
	default:
		return fmt.Sprintf("Ship %s, skip %s.", bn, an)
	}
}

func oneSided(t Tool) string {
	if t.Verdict.Class == "split" {
		return "The panel is split on " + isolate(t.Name)
	}
	return t.Verdict.Label + " " + isolate(t.Name)
}

func sameVerdict(a, b Tool) string {
	first, second := a, b
	if b.Percent > a.Percent {
		first, second = b, a
	}
	if a.Verdict.Class == "split" {
		return "The panel is split on both."
	}
	verb := a.Verdict.Label + " both"
	if first.Percent == second.Percent {
		return fmt.Sprintf("%s: the panel is level at %d%%.", verb, first.Percent)
	}
	return fmt.Sprintf("%s; the panel leans to %s, %d%% to %d%%.", verb, isolate(first.Name), first.Percent, second.Percent)
}
