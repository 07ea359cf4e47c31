package desk

import (
	"context"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// An Aftermath is what readers did after a send.
type Aftermath interface {
	// Left counts who left from one instant on, until before another.
	Left(ctx context.Context, from, to time.Time) (int64, error)
	// Complained counts the readers who called an edition spam.
	Complained(ctx context.Context, edition int64) (int64, error)
}

// An Outcome is what became of an edition.
type Outcome struct {
	Edition    edition.Edition
	Counts     delivery.Counts
	Left       int64 // from its freeze until the next one's
	Complained int64
	Votes      int64 // on its comparisons, so far
	// Reasons are of those who said why they left, from the day of its freeze until
	// that of the next one.
	Reasons map[subscribers.LeaveReason]int64
}

// Accepted is for how many readers servers took it.
func (o Outcome) Accepted() int64 { return o.Counts[delivery.Accepted] }

// PerThousand is n for each thousand readers whose servers took the edition; 0
// for none.
func (o Outcome) PerThousand(n int64) float64 {
	if o.Accepted() == 0 {
		return 0
	}
	return 1000 * float64(n) / float64(o.Accepted())
}

// Outcomes gives what became of the newest n editions that went out, the newest
// first.
func (d *Desk) Outcomes(ctx context.Context, n int) ([]Outcome, error) {
	list, err := d.Editions(ctx)
	if err != nil || d.in.Aftermath == nil {
		return nil, err
	}
	tallies, err := d.in.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	var out []Outcome
	until := d.in.Now().Add(time.Millisecond)
	for i := len(list) - 1; i >= 0 && len(out) < n; i-- {
		if !list[i].Frozen() {
			continue
		}
		o, err := d.outcome(ctx, list[i], until, tallies)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
		until = o.Edition.FrozenAt
	}
	return out, nil
}

func (d *Desk) outcome(ctx context.Context, e edition.Edition, until time.Time, tallies votes.Tallies) (o Outcome, err error) {
	o = Outcome{Edition: e}
	if o.Counts, err = d.in.Records.Counts(ctx, e.ID); err != nil {
		return o, err
	}
	if o.Left, err = d.in.Aftermath.Left(ctx, e.FrozenAt, until); err != nil {
		return o, err
	}
	if o.Complained, err = d.in.Aftermath.Complained(ctx, e.ID); err != nil {
		return o, err
	}
	if d.in.Reasons != nil {
		if o.Reasons, err = d.in.Reasons(ctx, e.FrozenAt, upTo(until, d.in.Now())); err != nil {
			return o, err
		}
	}
	for _, item := range e.Items {
		for _, c := range tallies[item.Slug] {
			o.Votes += int64(c.Ship + c.Skip)
		}
	}
	return o, nil
}

// upTo is where an edition's days end: with today, if none has followed it.
func upTo(until, now time.Time) time.Time {
	if until.After(now) {
		return now.AddDate(0, 0, 1)
	}
	return until
}

// Said is what servers said of an edition, what concerns most readers first.
func (d *Desk) Said(ctx context.Context, e edition.Edition) ([]delivery.Refusal, error) {
	if d.in.Records == nil || !e.Frozen() {
		return nil, nil
	}
	return d.in.Records.Refusals(ctx, e.ID)
}

// Counts is how many are on the list; zero without a database.
func (d *Desk) Counts(ctx context.Context) (subscribers.Counts, error) {
	if d.in.Readers == nil {
		return subscribers.Counts{}, nil
	}
	return d.in.Readers.Counts(ctx)
}
