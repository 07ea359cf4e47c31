package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// shortestHash is how much of a hash names a build.
const shortestHash = 8

// Draft is the edition of a week as it would go out now; nothing is recorded.
func (d *Desk) Draft(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	return d.in.Pipeline.Draft(ctx, w)
}

// Pick is Draft, picked anew also where an edition is approved already.
func (d *Desk) Pick(ctx context.Context, w edition.Week) (pipeline.Draft, error) {
	return d.in.Pipeline.Pick(ctx, w)
}

// Build records a draft as its week's edition: a draft, or skipped when there is
// nothing new.
func (d *Desk) Build(ctx context.Context, draft pipeline.Draft) (edition.Edition, error) {
	return d.in.Pipeline.Keep(ctx, draft)
}

// Overlaps gives what other weeks' open editions share with items of week w.
func (d *Desk) Overlaps(ctx context.Context, w edition.Week, items []edition.Item) ([]pipeline.Overlap, error) {
	history, err := d.Editions(ctx)
	return pipeline.Overlaps(w, items, history), err
}

// Approve approves the build with this hash, by whom; "" is the current build,
// and eight characters of a hash name it. It fails with edition.ErrChanged when
// the current build is another.
func (d *Desk) Approve(ctx context.Context, w edition.Week, hash, by string) (edition.Edition, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return e, err
	}
	edits, err := d.Edits(ctx, w)
	if err == nil {
		err = e.Knows(edits)
	}
	if err != nil {
		return e, err
	}
	if hash != "" && len(hash) < shortestHash {
		return e, fmt.Errorf("%s: %w", hash, ErrShortHash)
	}
	if hash == "" || strings.HasPrefix(e.Hash, hash) {
		hash = e.Hash
	}
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Approve(hash, by) })
}

// Hold keeps an edition from being sent until it is approved.
func (d *Desk) Hold(ctx context.Context, w edition.Week) (edition.Edition, error) {
	return d.change(ctx, w, edition.Edition.Hold)
}

// Skip leaves a week out; its content stays a candidate. A week that nobody has
// built yet is recorded first.
func (d *Desk) Skip(ctx context.Context, w edition.Week, by string) (edition.Edition, error) {
	if _, err := d.Edition(ctx, w); errors.Is(err, edition.ErrNotFound) {
		draft, err := d.Draft(ctx, w)
		if err != nil {
			return edition.Edition{}, err
		}
		if _, err := d.Build(ctx, draft); err != nil {
			return edition.Edition{}, err
		}
	}
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Skip(by, d.in.Now()) })
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
func (d *Desk) SaveEdits(ctx context.Context, w edition.Week, e edition.Edits, by string) (edition.Edits, error) {
	if d.in.Editions == nil {
		return e, ErrNoDatabase
	}
	kept, err := d.Edits(ctx, w)
	if err != nil {
		return e, err
	}
	draft, err := d.Draft(ctx, w)
	if err != nil {
		return e, err
	}
	if err := e.Check(kept, draft.Selection.Decisions); err != nil {
		return e, err
	}
	return d.in.Editions.SaveEdits(ctx, w, e, by, d.in.Now())
}

// DraftAmendment is a paused edition as it would be corrected now; see
// pipeline.DraftAmendment.
func (d *Desk) DraftAmendment(ctx context.Context, w edition.Week, by string) (pipeline.Draft, error) {
	if d.in.Editions == nil {
		return pipeline.Draft{}, ErrNoDatabase
	}
	return d.in.Pipeline.DraftAmendment(ctx, w, by)
}

// Amend gives a drafted correction to whoever still waits.
func (d *Desk) Amend(ctx context.Context, draft pipeline.Draft, by string) (pipeline.Amended, error) {
	return d.in.Pipeline.Amend(ctx, draft, by)
}

// Cancel ends an edition for good. In mid-send, who has not been mailed yet will
// not be.
func (d *Desk) Cancel(ctx context.Context, w edition.Week) (edition.Edition, error) {
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Cancel(d.in.Now()) })
}

// change takes an edition through a transition.
func (d *Desk) change(ctx context.Context, w edition.Week, to func(edition.Edition) (edition.Edition, error)) (edition.Edition, error) {
	if d.in.Editions == nil {
		return edition.Edition{}, ErrNoDatabase
	}
	return d.in.Editions.Change(ctx, w, to)
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
