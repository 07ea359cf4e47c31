package pipeline

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// Keep records a draft as its week's edition: with its rendered content, or as
// skipped when there is nothing to send. Other content than what was approved
// voids the approval.
func (p *Pipeline) Keep(ctx context.Context, d Draft) (edition.Edition, error) {
	w := d.Plan.Week
	fresh := edition.Edition{
		Week:      w,
		State:     edition.Draft,
		Slot:      d.Plan.Slot,
		Since:     d.Plan.Since,
		Cutoff:    d.Plan.Cutoff,
		CreatedAt: p.parts.Now(),
	}
	if _, _, err := p.parts.Archive.Insert(ctx, fresh); err != nil {
		return edition.Edition{}, buildError(w, err)
	}
	return p.parts.Archive.Revise(ctx, w, d.revision(p.parts.Now()))
}

// revision is what the draft makes of its edition.
func (d Draft) revision(at time.Time) edition.Revision {
	r := edition.Revision{
		Slot:    d.Plan.Slot,
		Since:   d.Plan.Since,
		Cutoff:  d.Plan.Cutoff,
		Items:   d.Selection.Featured,
		Carried: d.Selection.Carried,
		Edits:   d.Edits.Version,
		At:      at,
	}
	if !d.Selection.Nothing() {
		r.Build = &d.Build
	}
	return r
}

func buildError(w edition.Week, err error) error { return fmt.Errorf("build edition %s: %w", w, err) }
