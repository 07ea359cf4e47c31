package pipeline

import (
	"context"
	"fmt"
	"slices"
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
	history, err := p.history(ctx)
	if err != nil {
		return nil, err
	}
	lib, err := p.parts.Library()
	if err != nil {
		return nil, fmt.Errorf("read the comparisons: %w", err)
	}
	var out []Coming
	w := p.CurrentWeek()
	for i := 0; len(out) < n && i < n+horizon; i, w = i+1, w.Add(1) {
		slot, ok := p.parts.Settings.Calendar.SlotIn(w)
		if !ok || !slot.After(p.parts.Now()) {
			continue
		}
		var c Coming
		if c, history, err = p.assume(ctx, w, slot, history, lib); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// horizon is how many weeks are looked ahead; a schedule of once a year has a slot
// within it.
const horizon = 60

// before gives the history as it will be when week w has its turn: what waits for
// its slot before that goes out then, as Ahead says it.
func (p *Pipeline) before(ctx context.Context, w edition.Week, history []edition.Edition, lib comparison.Library) (_ []edition.Edition, err error) {
	for i, earlier := 0, p.CurrentWeek(); i < horizon && earlier.Before(w); i, earlier = i+1, earlier.Add(1) {
		slot, ok := p.parts.Settings.Calendar.SlotIn(earlier)
		if !ok || !slot.After(p.parts.Now()) && !p.leaves(earlier, slot, history) {
			continue
		}
		if _, history, err = p.assume(ctx, earlier, slot, history, lib); err != nil {
			return nil, err
		}
	}
	return history, nil
}

// leaves reports whether a week's edition is due, is not too late, and only has to
// be frozen.
func (p *Pipeline) leaves(w edition.Week, slot time.Time, history []edition.Edition) bool {
	at := slices.IndexFunc(history, func(e edition.Edition) bool { return e.Week == w })
	return at >= 0 && p.parts.Now().Sub(slot) <= p.parts.CatchUp && p.Releases(history[at])
}

// assume gives a week as it would go out at its slot, and the history after that.
// A week that is closed is as it is recorded.
func (p *Pipeline) assume(ctx context.Context, w edition.Week, slot time.Time, history []edition.Edition, lib comparison.Library) (Coming, []edition.Edition, error) {
	c := Coming{Week: w, Slot: slot}
	at := slices.IndexFunc(history, func(e edition.Edition) bool { return e.Week == w })
	if at >= 0 {
		c.Edition = history[at]
	}
	if at >= 0 && c.Edition.Closed() { // left out, cancelled, or sent
		return c, history, nil
	}
	sent, err := p.sentAtSlot(ctx, &c, history, lib)
	if err != nil {
		return c, nil, err
	}
	history = slices.Clone(history)
	if at >= 0 {
		history[at] = sent
	} else {
		history = append(history, sent)
	}
	return c, history, nil
}

// sentAtSlot picks for a slot, and gives the edition as if it had gone out.
func (p *Pipeline) sentAtSlot(ctx context.Context, c *Coming, history []edition.Edition, lib comparison.Library) (edition.Edition, error) {
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
		Items: picked.Featured, Carried: picked.Carried, FrozenAt: c.Slot, FinishedAt: c.Slot, Expected: true,
	}
	if picked.Nothing() {
		e.State, e.FrozenAt = edition.Skipped, time.Time{}
	}
	return e, nil
}
