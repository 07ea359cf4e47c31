package desk

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// shortestHash is how much of a hash names a build.
const shortestHash = 8

// Draft is the edition of a week as it would go out now; nothing is recorded.
func (d *Desk) Draft(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	return d.in.Pipeline.Draft(ctx, w)
}

// Selection is what a draft picks and why, without a mail made of it.
func (d *Desk) Selection(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	return d.in.Pipeline.Selection(ctx, w)
}

// Pick is Draft, picked anew also where an edition is approved already.
func (d *Desk) Pick(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	return d.in.Pipeline.Pick(ctx, w)
}

// Audience says who would get what of a draft.
func (d *Desk) Audience(ctx context.Context, draft pipeline.Draft) (edition.Audience, error) {
	return d.in.Pipeline.Audience(ctx, draft)
}

// Build records a draft as its week's edition: a draft, or skipped when there is
// nothing new.
func (d *Desk) Build(ctx context.Context, draft pipeline.Draft) (edition.Edition, error) {
	var e edition.Edition
	err := d.in.Editions.Together(ctx, func(ctx context.Context) (err error) {
		if e, err = d.in.Pipeline.Keep(ctx, draft); err != nil {
			return err
		}
		return d.record(ctx, draft.Plan.Week, "built", "")
	})
	return e, err
}

// Overlaps gives what other weeks' open editions share with items of week w.
func (d *Desk) Overlaps(ctx context.Context, w edition.Week, items []edition.Item) ([]pipeline.Overlap, error) {
	history, err := d.Editions(ctx)
	return pipeline.Overlaps(w, items, history), err
}

// Skip leaves a week out; its content stays a candidate. A week that nobody has
// built yet is recorded first.
func (d *Desk) Skip(ctx context.Context, w edition.Week) (edition.Edition, error) {
	if err := d.recorded(ctx, w); err != nil {
		return edition.Edition{}, err
	}
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Skip(d.by, d.in.Now()) }, "skipped", "")
}

// Edits is what an editor has decided about a week, the zero value when nothing
// was.
func (d *Desk) Edits(ctx context.Context, w edition.Week) (edition.Edits, error) {
	if d.in.Editions == nil {
		return edition.Edits{}, ErrNoDatabase
	}
	return d.in.Editions.Edits(ctx, w)
}

// SaveEdits keeps edits over those of their version; see edition.EditStore. What
// they name must be a candidate of the week, or have been named before
// (edition.ErrEdits).
func (d *Desk) SaveEdits(ctx context.Context, w edition.Week, e edition.Edits) (edition.Edits, error) {
	saved, kept, err := d.save(ctx, w, e)
	if err != nil {
		return saved, err
	}
	return saved, d.Record(ctx, w, "edited", edition.Words(kept.Differences(e)))
}

// save keeps edits, and gives those that they replace.
func (d *Desk) save(ctx context.Context, w edition.Week, e edition.Edits) (saved, kept edition.Edits, err error) {
	if d.in.Editions == nil {
		return e, kept, ErrNoDatabase
	}
	if kept, err = d.Edits(ctx, w); err != nil {
		return e, kept, err
	}
	draft, err := d.Selection(ctx, w)
	if err != nil {
		return e, kept, err
	}
	if err := e.Check(kept, draft.Selection.Decisions); err != nil {
		return e, kept, err
	}
	if err := e.CheckQuotes(kept, draft.Library); err != nil {
		return e, kept, err
	}
	saved, err = d.in.Editions.SaveEdits(ctx, w, e, d.by, d.in.Now())
	return saved, kept, err
}

// DraftAmendment is a paused edition as it would be corrected now; see
// pipeline.DraftAmendment.
func (d *Desk) DraftAmendment(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	if d.in.Editions == nil {
		return pipeline.Draft{}, ErrNoDatabase
	}
	return d.in.Pipeline.DraftAmendment(ctx, w, d.by)
}

// Amend gives a drafted correction to whoever still waits.
func (d *Desk) Amend(ctx context.Context, draft pipeline.Draft) (pipeline.Amended, error) {
	done, err := d.in.Pipeline.Amend(ctx, draft, d.by)
	if err != nil {
		return done, err
	}
	return done, d.Record(ctx, draft.Plan.Week, "corrected it for who waits", "")
}

// Cancel ends an edition for good. In mid-send, who has not been mailed yet will
// not be.
func (d *Desk) Cancel(ctx context.Context, w edition.Week) (edition.Edition, error) {
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Cancel(d.in.Now()) }, "cancelled", "")
}

// change takes an edition through a transition and records what was done, at
// once.
func (d *Desk) change(ctx context.Context, w edition.Week, to func(edition.Edition) (edition.Edition, error), what, detail string) (e edition.Edition, err error) {
	if d.in.Editions == nil {
		return e, ErrNoDatabase
	}
	err = d.in.Editions.Together(ctx, func(ctx context.Context) error {
		if e, err = d.in.Editions.Change(ctx, w, to); err != nil {
			return err
		}
		return d.record(ctx, w, what, detail)
	})
	return e, err
}

// Changes says what the last build changed; it fails with ErrOneBuild where
// there are no two.
func (d *Desk) Changes(ctx context.Context, w edition.Week) (string, error) {
	if d.in.Editions == nil {
		return "", ErrNoDatabase
	}
	builds, err := d.in.Editions.Builds(ctx, w)
	if err != nil {
		return "", err
	}
	if len(builds) < 2 {
		return "", fmt.Errorf("edition %s: %w", w, ErrOneBuild)
	}
	return edition.Diff(builds[1], builds[0]), nil
}
