package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// Release builds the edition of week w as of now and freezes it: from then on
// it is sending, with fixed bytes and recipients. A frozen edition is given back
// as it is, so that a send that was cut short goes on with the same bytes.
//
// It fails with edition.ErrNothing, edition.ErrNotApproved, ErrChecks, ErrEarly or
// delivery.ErrNobody, and records nothing of a send then.
func (p *Pipeline) Release(ctx context.Context, w edition.Week) (edition.Edition, delivery.Frozen, error) {
	e, err := p.parts.Archive.Find(ctx, w)
	switch {
	case err == nil && e.State == edition.Sending:
		return e, delivery.Frozen{Resumed: true}, nil
	case err == nil && (e.State == edition.Sent || e.State == edition.Cancelled):
		return e, delivery.Frozen{}, e.Refuse(edition.ErrState, "%s", e.Status())
	case err != nil && !errors.Is(err, edition.ErrNotFound):
		return e, delivery.Frozen{}, err
	}
	d, err := p.Draft(ctx, w)
	if err != nil {
		return edition.Edition{}, delivery.Frozen{}, buildError(w, err)
	}
	if err := p.timely(d.Plan); err != nil {
		return e, delivery.Frozen{}, err
	}
	if e, err = p.record(ctx, d); err != nil {
		return e, delivery.Frozen{}, err
	}
	if err := p.releasable(e, d); err != nil {
		return e, delivery.Frozen{}, err
	}
	frozen, err := p.fix(ctx, e, d)
	if errors.Is(err, delivery.ErrNobody) {
		return e, frozen, fmt.Errorf("edition %s is ready, but the list has no active reader: %w", w, delivery.ErrNobody)
	}
	if err != nil {
		return e, frozen, fmt.Errorf("release edition %s: %w", w, err)
	}
	e, err = p.parts.Archive.Find(ctx, w)
	return e, frozen, err
}

// timely fails with ErrEarly when the slot is far ahead.
func (p *Pipeline) timely(plan edition.Plan) error {
	if ahead := plan.Slot.Sub(p.parts.Now()); ahead > earliest {
		return fmt.Errorf("edition %s is for %s, %d days ahead; this week is %s: %w",
			plan.Week, plan.Slot.In(p.parts.Settings.Calendar.Zone).Format("2 January 2006"), int(ahead.Hours()/24), p.CurrentWeek(), ErrEarly)
	}
	return nil
}

// releasable says what keeps a built edition from being sent.
func (p *Pipeline) releasable(e edition.Edition, d Draft) error {
	switch {
	case e.State == edition.Held:
		return e.Refuse(edition.ErrNotApproved, "held; approve it to release it")
	case d.Selection.Nothing() && len(d.Problems) > 0:
		return &brokenError{week: e.Week, problems: d.Problems}
	case d.Selection.Nothing():
		return fmt.Errorf("edition %s has nothing new ('digest edition explain --week %s' says why): %w", e.Week, e.Week, edition.ErrNothing)
	case check.Failed(d.Findings):
		return fmt.Errorf("edition %s is not sent: %w", e.Week, failures(d.Findings))
	case !e.Released(p.parts.Settings.ApprovalRequired):
		return fmt.Errorf("edition %s waits for approval of its last build ('digest edition diff --week %s' shows what changed in it, 'digest edition approve --week %s' approves it): %w",
			e.Week, e.Week, e.Week, edition.ErrNotApproved)
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
	return fmt.Sprintf("edition %s has nothing new, and %d problems keep comparisons out ('digest comparisons lint' names them): %v", e.week, len(e.problems), edition.ErrNothing)
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

func (p *Pipeline) fix(ctx context.Context, e edition.Edition, d Draft) (delivery.Frozen, error) {
	message, err := d.Frozen.MarshalBinary()
	if err != nil {
		return delivery.Frozen{}, err
	}
	return p.parts.Freezer.Freeze(ctx, delivery.Freeze{
		Edition: e.ID, Hash: d.Build.Hash, Message: message, ApprovalRequired: p.parts.Settings.ApprovalRequired, At: p.parts.Now(),
	})
}
