package edition

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// A standing is a tool as a headline writes it, with its panel's verdict. A
// panel of one is no headline: it counts as unknown.
type standing struct {
	name    string
	entry   string // the price to start
	verdict wording.Verdict
}

func standings(c comparison.Comparison) (a, b standing) {
	of := func(t comparison.Tool) standing {
		s := standing{name: toolName(t.Name), entry: cut(plain(t.Entry), nameMax), verdict: wording.VerdictOf(t.Panel)}
		if s.verdict.One() {
			s.verdict = wording.Verdict{}
		}
		return s
	}
	return of(c.Tools[0]), of(c.Tools[1])
}

func (s standing) known() bool              { return s.verdict.Known() }
func (s standing) kind() comparison.Outcome { return s.verdict.Outcome() }
func (s standing) unanimous() bool {
	return s.known() && s.verdict.ShipShare()%100 == 0
}

// unit is what a verdict is measured in. A headline keeps to one.
type unit string

const (
	inNothing unit = ""
	inVotes   unit = "votes"
	inShares  unit = "shares"
)

func (s standing) unit() unit {
	switch {
	case !s.known():
		return inNothing
	case s.verdict.Counted():
		return inVotes
	}
	return inShares
}

// score is the panel's count, the larger number first ("4–0"), or its per cent.
func (s standing) score() string {
	if s.verdict.Counted() {
		return s.verdict.Score()
	}
	return fmt.Sprintf("%d%%", s.verdict.ShipShare())
}

// said says the verdict in the middle of a sentence: "SmolVLM2 ships 4–0"; bare
// leaves the figure out.
func (s standing) said(bare bool) string {
	counted := s.verdict.Counted()
	switch s.kind() {
	case comparison.OutcomeSplit:
		return s.name + " splits the panel"
	case comparison.OutcomeShip:
		switch {
		case bare:
			return s.name + " ships"
		case counted:
			return s.name + " ships " + s.score()
		}
		return s.name + " ships at " + s.score()
	case comparison.OutcomeSkip:
		switch {
		case !counted && s.verdict.ShipShare() == 0:
			return "nobody ships " + s.name
		case bare:
			return s.name + " is skipped"
		case counted:
			return s.name + " is skipped " + s.score()
		}
		return "only " + s.score() + " ship " + s.name
	}
	return s.name
}

// pairing says both verdicts of a comparison in one line, what to take first:
// "SmolVLM2 ships 4–0, Karpathy Skills 3–1".
func pairing(a, b standing) string {
	if b.verdict.ShipShare() > a.verdict.ShipShare() {
		a, b = b, a
	}
	bare := a.unit() != b.unit()
	same := a.kind() == b.kind()
	switch {
	case !same && a.kind() == comparison.OutcomeShip && b.kind() == comparison.OutcomeSkip:
		return "Ship " + a.name + ", skip " + b.name
	case !same:
		return opening(a.said(bare)) + "; " + b.said(bare)
	case a.kind() == comparison.OutcomeSplit:
		return a.name + " and " + b.name + " both split the panel"
	case a.kind() == comparison.OutcomeSkip:
		return "Skip both " + a.name + " and " + b.name
	case bare:
		return a.name + " and " + b.name + " both ship"
	case a.score() == b.score():
		return strings.Replace(a.said(false), a.name+" ships", a.name+" and "+b.name+" both ship", 1)
	case a.unit() == inShares:
		return a.said(false) + ", " + b.name + " at " + b.score()
	}
	return a.said(false) + ", " + b.name + " " + b.score()
}

// opening begins a sentence with text. A tool's name keeps its first letter.
func opening(text string) string {
	for _, start := range []string{"nobody ", "only ", "readers "} {
		if strings.HasPrefix(text, start) {
			return strings.ToUpper(text[:1]) + text[1:]
		}
	}
	return text
}
