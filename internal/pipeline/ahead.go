package pipeline

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// A Coming edition is a slot ahead with the pick as it stands.
type Coming struct {
	Week        edition.Week
	Slot        time.Time
	Edition     edition.Edition // as recorded; zero when nobody has built it
	Comparisons []comparison.Comparison
}

// Ahead gives the next n slots, each with what it would feature if nothing came
// in any more and those before it went out. Nothing is recorded or rendered.
func (p *Pipeline) Ahead(ctx context.Context, n int) ([]Coming, error) {
	const horizon = 60 // weeks; a schedule of once a year has a slot within it
	history, err := p.history(ctx)
	if err != nil {
		return nil, err
	}
	lib, err := p.parts.Library()
	if err != nil {
		return nil, fmt.Errorf("read the comparisons: %w", err)
	}
	cal, now := p.parts.Settings.Calendar, p.parts.Now()
	var out []Coming
	w := edition.WeekOf(now.In(cal.Zone))
	for i := 0; len(out) < n && i < n+horizon; i, w = i+1, w.Add(1) {
		slot, ok := cal.SlotIn(w)
		if !ok || !slot.After(now) {
			continue
		}
		c := Coming{Week: w, Slot: slot}
		at := -1
		for j, e := range history {
			if e.Week == w {
				c.Edition, at = e, j
			}
		}
		if c.Edition.ID != 0 && c.Edition.Closed() { // left out, cancelled, or sent
			out = append(out, c)
			continue
		}
		sent, err := p.assume(ctx, &c, history, lib)
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			history[at] = sent
		} else {
			history = append(history, sent)
		}
		out = append(out, c)
	}
	return out, nil
}

// assume picks for a slot, and gives the edition as if it had gone out.
func (p *Pipeline) assume(ctx context.Context, c *Coming, history []edition.Edition, lib comparison.Library) (edition.Edition, error) {
	plan, err := edition.PlanFor(c.Week, c.Slot.Add(-time.Second), p.parts.Settings.Calendar, history)
	if err != nil {
		return edition.Edition{}, err
	}
	edits, err := p.edits(ctx, c.Week)
	if err != nil {
		return edition.Edition{}, err
	}
	picked := edition.Select(edition.Candidates{
		Plan: plan, Calendar: p.parts.Settings.Calendar, Comparisons: lib.Comparisons, Broken: lib.Broken, Options: p.parts.Settings.Options,
		Edits: edits, Approved: edition.ApprovedItems(history, c.Week, edits),
	})
	c.Comparisons = picked.Comparisons
	e := edition.Edition{
		Week: c.Week, State: edition.Sent, Slot: c.Slot, Since: plan.Since, Cutoff: plan.Cutoff,
		Items: picked.Featured, Carried: picked.Carried, FrozenAt: c.Slot, FinishedAt: c.Slot,
	}
	if picked.Nothing() {
		e.State, e.FrozenAt = edition.Skipped, time.Time{}
	}
	return e, nil
}
