package pipeline

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/edition"
)

// An Amended is a correction of a paused send.
type Amended struct {
	Draft
	Edition edition.Edition
	Waiting int64 // readers who get it
}

// DraftAmendment renders a paused edition's comparisons as they are now, with
// its edits. Nothing is recorded. It fails with edition.ErrState, edition.ErrSame
// or ErrChecks.
func (p *Pipeline) DraftAmendment(ctx context.Context, w edition.Week, by string) (Draft, error) {
	history, err := p.history(ctx)
	if err != nil {
		return Draft{}, err
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil {
		return Draft{}, err
	}
	d, err := p.draftOf(ctx, pick{week: w, history: history, approved: e.Items})
	if err != nil {
		return d, err
	}
	if len(d.Selection.Featured) != len(e.Items) {
		return d, fmt.Errorf("amend edition %s: a comparison that it features is gone or cannot be read", w)
	}
	if _, err := e.Amend(d.Build, by); err != nil {
		return d, err
	}
	if check.Failed(d.Findings) {
		return d, fmt.Errorf("edition %s is not amended: %w", w, failures(d.Findings))
	}
	return d, nil
}

// Amend gives a correction to whoever waits for a paused edition, as by is
// answerable for. The send stays paused.
func (p *Pipeline) Amend(ctx context.Context, d Draft, by string) (Amended, error) {
	frozen, err := p.undelayed(d)
	if err != nil {
		return Amended{}, err
	}
	raw, err := frozen.MarshalBinary()
	if err != nil {
		return Amended{}, err
	}
	e, n, err := p.parts.Archive.Amend(ctx, d.Plan.Week, edition.Amendment{
		Build: d.Build, Message: raw, Sender: p.senderNow(), By: by, At: p.parts.Now(),
	})
	return Amended{Draft: d, Edition: e, Waiting: n}, err
}
