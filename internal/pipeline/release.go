package pipeline

import (
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
)

// timely fails with ErrEarly when the slot is far ahead.
func (p *Pipeline) timely(plan edition.Plan) error {
	if ahead := plan.Slot.Sub(p.parts.Now()); ahead > earliest {
		return fmt.Errorf("edition %s is for %s, %d days ahead; this week is %s: %w",
			plan.Week, plan.Slot.In(p.parts.Settings.Calendar.Zone).Format("2 January 2006"), int(ahead.Hours()/24), p.CurrentWeek(), ErrEarly)
	}
	return nil
}

// A brokenError is edition.ErrNothing where comparisons that break a rule may be
// the cause.
type brokenError struct {
	week     edition.Week
	problems []comparison.Problem
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("edition %s has nothing new, and %d problems keep comparisons out: %v", e.week, len(e.problems), edition.ErrNothing)
}

func (e *brokenError) Unwrap() error { return edition.ErrNothing }

func failures(findings []check.Finding) error {
	var lines []string
	for _, f := range findings {
		if f.Level == check.Fail {
			lines = append(lines, f.Check+": "+f.Detail+"; "+f.Fix)
		}
	}
	return fmt.Errorf("%w:\n%s", ErrChecks, strings.Join(lines, "\n"))
}

// undelayed is a draft's message with a Date that has come: what goes by hand
// before its slot would else be dated hours ahead, which filters take for spam.
func (p *Pipeline) undelayed(d Draft) (*message.Frozen, error) {
	if date := p.dateFor(d.Plan.Slot); !date.Equal(d.Plan.Slot) {
		return p.freeze(d.Build, date)
	}
	return d.Frozen, nil
}

// dateFor is the slot, or now while the slot is ahead.
func (p *Pipeline) dateFor(slot time.Time) time.Time {
	if now := p.parts.Now(); now.Before(slot) {
		return now
	}
	return slot
}
