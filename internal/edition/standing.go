package edition

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// A standing is a tool's name as a headline writes it, and what its panel says.
type standing struct {
	name  string
	panel *comparison.Panel
}

// The kinds of verdict.
const (
	kindUnknown = comparison.OutcomeUnknown
	kindShip    = comparison.OutcomeShip
	kindSkip    = comparison.OutcomeSkip
	kindSplit   = comparison.OutcomeSplit
)

func standings(c comparison.Comparison) (a, b standing) {
	of := func(t comparison.Tool) standing { return standing{name: toolName(t.Name), panel: t.Panel} }
	return of(c.Tools[0]), of(c.Tools[1])
}

func (s standing) known() bool { return s.kind() != kindUnknown }

func (s standing) kind() comparison.Outcome { return s.panel.Outcome() }

// score is the panel's count, the larger number first ("4–0"), or its per cent.
func (s standing) score() string {
	if p := s.panel; s.panel.Counted() {
		return fmt.Sprintf("%d–%d", max(*p.Ship, *p.Skip), min(*p.Ship, *p.Skip))
	}
	pc, _ := s.panel.Share()
	return fmt.Sprintf("%.0f%%", pc)
}

// String says the verdict as a headline does: "SmolVLM2 ships 4–0".
func (s standing) String() string {
	text := s.within()
	if s.kind() == kindSkip && !strings.HasPrefix(text, s.name) {
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}

// within is String for the middle of a sentence.
func (s standing) within() string {
	switch s.kind() {
	case kindSplit:
		return s.name + " splits the panel"
	case kindShip:
		if s.panel.Counted() {
			return s.name + " ships " + s.score()
		}
		return s.name + " ships at " + s.score()
	case kindSkip:
		if s.panel.Counted() {
			return s.name + " is skipped " + s.score()
		}
		if pc, _ := s.panel.Share(); pc == 0 {
			return "nobody ships " + s.name
		}
		return "only " + s.score() + " ship " + s.name
	}
	return s.name
}

// salience is how much news a verdict is: a unanimous panel most, then a split
// one, then a skip, then a plain ship.
func (s standing) salience() int {
	pc, ok := s.panel.Share()
	switch {
	case !ok:
		return 0
	case pc == 0 || pc == 100:
		return 4
	case s.kind() == kindSplit:
		return 3
	case s.kind() == kindSkip:
		return 2
	}
	return 1
}

// telling gives the standing that is more news; one of another kind than was
// said before wins.
func telling(a, b standing, said comparison.Outcome) standing {
	weigh := func(s standing) int {
		n := s.salience()
		if n > 0 && s.kind() != said {
			n += 10
		}
		return n
	}
	if weigh(b) > weigh(a) {
		return b
	}
	return a
}

func other(a, b, one standing) standing {
	if a == one {
		return b
	}
	return a
}

// both says the verdicts of a pairing in one line, the stronger first where
// they are of a kind: "SmolVLM2 ships 4–0, Karpathy Skills 3–1".
func both(a, b standing) string {
	pa, _ := a.panel.Share()
	pb, _ := b.panel.Share()
	if skipped := a.kind() == kindSkip && b.kind() == kindSkip; pb > pa != skipped && pb != pa {
		a, b = b, a
	}
	switch {
	case a.kind() != b.kind() || a.panel.Counted() != b.panel.Counted():
		return a.String() + "; " + b.within()
	case a.kind() == kindSplit:
		return a.name + " and " + b.name + " both split the panel"
	case a.score() == b.score() && a.kind() == kindShip && a.panel.Counted():
		return a.name + " and " + b.name + " both ship " + a.score()
	case a.score() == b.score() && a.kind() == kindShip:
		return a.name + " and " + b.name + " both ship at " + a.score()
	case a.kind() == kindShip && !a.panel.Counted():
		return a.String() + ", " + b.name + " at " + b.score()
	case a.panel.Counted():
		return a.String() + ", " + b.name + " " + b.score()
	}
	return a.String() + "; " + b.within()
}
