package pipeline

import (
	"errors"
	"testing"

	"verdicts.example/digest/internal/edition"
)

// A reason that lasts is logged at first and then every twelfth time; another one, and
// another week's, at once.
func TestBroke(t *testing.T) {
	t.Parallel()
	s := &sends{failed: map[edition.Week]breakOff{}}
	one, two := edition.Week{Year: 2026, Number: 49}, edition.Week{Year: 2026, Number: 50}
	said := 0
	for range 25 {
		if s.broke(one, errors.New("no journal of b")) {
			said++
		}
	}
	if said != 3 {
		t.Errorf("got the same reason said %d times of 25, want 3", said)
	}
	if !s.broke(two, errors.New("no journal of b")) || !s.broke(one, errors.New("no journal of c")) {
		t.Error("got another week's or another reason unsaid, want it said")
	}
}
