package desk

import (
	"context"
	"fmt"
	"slices"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
)

// A Look is what a send of a week would come to now.
type Look struct {
	pipeline.Look
	Readers int64 // who would be mailed
}

// Look says what a send of a week would come to now; nothing is recorded.
func (d *Desk) Look(ctx context.Context, w edition.Week) (Look, error) {
	in, err := d.in.Pipeline.Look(ctx, w)
	l := Look{Look: in}
	if err != nil {
		return l, err
	}
	if l.Edition.Frozen() {
		_, counts, err := d.Standing(ctx, w)
		l.Readers = counts.Open()
		return l, err
	}
	counts, err := d.in.Readers.Counts(ctx)
	l.Readers = int64(counts.Active)
	if n := in.Cuts.Readers(); in.Cuts.Variants != nil {
		l.Readers = n
	}
	if err == nil && l.Refusal == nil && counts.Active == 0 {
		l.Refusal = l.Edition.Refuse(delivery.ErrNobody, "ready, but the list has no active reader")
	}
	return l, err
}

// Release freezes what was looked at, so that just this is sent, or gives the
// edition that is being sent.
func (d *Desk) Release(ctx context.Context, l pipeline.Look) (edition.Edition, delivery.Frozen, error) {
	e, frozen, err := d.in.Pipeline.Release(ctx, l)
	if err != nil {
		return e, frozen, err
	}
	return e, frozen, d.Record(ctx, e.Week, "released it for sending", "")
}

// Deliver sends what was released, until every delivery is final or waits for a
// retry.
func (d *Desk) Deliver(ctx context.Context, w edition.Week, o pipeline.DeliverOptions) (delivery.Summary, error) {
	return d.in.Pipeline.Deliver(ctx, w, o)
}

// Test sends a week's mail to one address, with links that do nothing. It
// touches no record of the edition or of readers.
func (d *Desk) Test(ctx context.Context, w edition.Week, to string) (pipeline.Draft, error) {
	draft, err := d.in.Pipeline.Test(ctx, w, to)
	if err != nil {
		return draft, err
	}
	return draft, d.Record(ctx, w, "sent a test", "")
}

// TestOther sends one of the other mails, with a sample's words, to one address. It
// touches no record.
func (d *Desk) TestOther(ctx context.Context, mail render.Rendered, to string) error {
	return d.in.Pipeline.TestOther(ctx, mail, to)
}

// Pause pauses a send, whichever process does it.
func (d *Desk) Pause(ctx context.Context, w edition.Week, reason string) (edition.Edition, error) {
	return d.change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Pause(reason) }, "paused", reason)
}

// Resumable is nil when an edition's send may be resumed.
func Resumable(e edition.Edition) error {
	if e.State != edition.Sending {
		return e.Refuse(edition.ErrState, "%s; there is nothing to resume", e.Status())
	}
	return nil
}

// Resume takes the pause off a send and gives why it was paused.
func (d *Desk) Resume(ctx context.Context, w edition.Week) (reason string, err error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return "", err
	}
	if err := Resumable(e); err != nil || e.PauseReason == "" {
		return "", err
	}
	_, err = d.change(ctx, w, edition.Edition.Resume, "resumed", "")
	return e.PauseReason, err
}

// Adopt records a week as sent that was sent by the journals and of which the
// restored database knows nothing, and gives how many readers are unknown.
// delivery.ErrNotFound when no journal says so.
func (d *Desk) Adopt(ctx context.Context, w edition.Week) (int64, error) {
	return d.ledger().Adopt(ctx, w.String(), d.in.Now())
}

// Reconcile marks as unknown whom the journal knows to have been mailed and the
// database does not, and gives how many they are.
func (d *Desk) Reconcile(ctx context.Context, w edition.Week) (int64, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return 0, err
	}
	return d.ledger().Reconcile(ctx, e.ID, d.in.Now())
}

// AcceptJournalLoss begins a new journal for a send whose own is gone; lost are
// other nodes whose disks are gone.
func (d *Desk) AcceptJournalLoss(ctx context.Context, w edition.Week, lost ...string) error {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return err
	}
	if err := d.ledger().AcceptJournalLoss(ctx, e.ID, d.in.Now(), lost...); err != nil {
		return err
	}
	return d.Record(ctx, w, "accepted the journal's loss", "")
}

// Resolve settles deliveries by what an operator knows of them, and gives how
// many they are.
func (d *Desk) Resolve(ctx context.Context, w edition.Week, as delivery.Resolution) (int64, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return 0, err
	}
	n, err := d.in.Records.Resolve(ctx, e.ID, as, d.in.Now())
	if err != nil || n == 0 {
		return n, err
	}
	return n, d.Record(ctx, w, "resolved", fmt.Sprintf("%d as %s", n, resolutionWords(as)))
}

func resolutionWords(as delivery.Resolution) string {
	switch as {
	case delivery.ResolveRetry:
		return "not arrived, to be sent again"
	case delivery.ResendFailed:
		return "failed by our fault, to be sent again"
	}
	return "arrived"
}

// Resolvable is how many deliveries Resolve would settle.
func (d *Desk) Resolvable(ctx context.Context, w edition.Week, as delivery.Resolution) (int64, error) {
	e, counts, err := d.Standing(ctx, w)
	if err != nil || as != delivery.ResendFailed {
		return counts[delivery.Unknown], err
	}
	info, err := d.in.Records.Info(ctx, e.ID)
	if err != nil {
		return 0, err
	}
	refusals, err := d.in.Records.Refusals(ctx, e.ID)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, r := range refusals {
		if r.State == delivery.Failed && slices.Contains(delivery.Returnable(info.Stopped), r.Fault) {
			n += r.Count
		}
	}
	return n, nil
}
