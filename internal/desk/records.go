package desk

import (
	"context"
	"errors"
	"iter"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/subscribers"
)

// Standing is where a send stands; the counts are zero before the freeze.
func (d *Desk) Standing(ctx context.Context, w edition.Week) (edition.Edition, delivery.Counts, error) {
	e, err := d.Edition(ctx, w)
	if err != nil || !e.Frozen() {
		return e, delivery.Counts{}, err
	}
	c, err := d.in.Records.Counts(ctx, e.ID)
	return e, c, err
}

// A Stand is all that is known of where a send stands.
type Stand struct {
	Edition  edition.Edition
	Counts   delivery.Counts
	Refusals []delivery.Refusal // the most frequent first
	SignUps  subscribers.SurgeState
	Canary   delivery.CanaryStand
	Relays   []delivery.RelayCounts
	Stands   []delivery.RelayStand   // of the relays, while it is sent
	Domains  []delivery.DomainCounts // those with the most readers, when they were asked for
}

// Stand gives where a send stands, with the domains busiest domains.
func (d *Desk) Stand(ctx context.Context, w edition.Week, domains int) (s Stand, err error) {
	if s.Edition, s.Counts, err = d.Standing(ctx, w); err != nil {
		return s, err
	}
	if s.Refusals, err = d.Refusals(ctx, w); err != nil {
		return s, err
	}
	if s.SignUps, err = d.SignUps(ctx); err != nil {
		return s, err
	}
	if s.Relays, s.Stands, err = d.Relays(ctx, s.Edition); err != nil {
		return s, err
	}
	if s.Canary, err = d.Canary(ctx, w); err != nil || domains == 0 {
		return s, err
	}
	s.Domains, err = d.Domains(ctx, w, domains)
	return s, err
}

// Relays gives what each relay took of a send, and how those stand that it goes
// through now.
func (d *Desk) Relays(ctx context.Context, e edition.Edition) (counts []delivery.RelayCounts, stands []delivery.RelayStand, err error) {
	if !e.Frozen() {
		return nil, nil, nil
	}
	if counts, err = d.in.Records.Relays(ctx, e.ID); err != nil || e.State != edition.Sending {
		return counts, nil, err
	}
	stands, err = d.in.Records.RelayStands(ctx, e.ID, d.in.Now())
	return counts, stands, err
}

// Canary gives how far a send's first part is.
func (d *Desk) Canary(ctx context.Context, w edition.Week) (delivery.CanaryStand, error) {
	e, err := d.Edition(ctx, w)
	if err != nil || !e.Frozen() {
		return delivery.CanaryStand{}, err
	}
	info, err := d.in.Records.Info(ctx, e.ID)
	return info.Canary, err
}

// Refusals gives what servers said of those who have not got a week's edition, the
// most frequent first.
func (d *Desk) Refusals(ctx context.Context, w edition.Week) ([]delivery.Refusal, error) {
	e, err := d.Edition(ctx, w)
	if err != nil || !e.Frozen() {
		return nil, err
	}
	return d.in.Records.Refusals(ctx, e.ID)
}

// ErrOneNode: one process has the database, so a send has no nodes.
var ErrOneNode = errors.New("the list is in a file, which one process sends from; several nodes need a PostgreSQL database")

// Nodes gives the nodes of a week's send, by name; none before there is one.
func (d *Desk) Nodes(ctx context.Context, w edition.Week) ([]delivery.NodeStatus, error) {
	if d.in.Nodes == nil {
		return nil, ErrOneNode
	}
	e, err := d.Edition(ctx, w)
	if errors.Is(err, edition.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.in.Nodes(ctx, e.ID)
}

// Fleet gives the processes that share the database, by name, whatever they do.
func (d *Desk) Fleet(ctx context.Context) ([]node.Node, error) {
	if d.in.Fleet == nil {
		return nil, ErrOneNode
	}
	return d.in.Fleet.Nodes(ctx)
}

// Domains gives the n domains with the most readers of a send.
func (d *Desk) Domains(ctx context.Context, w edition.Week, n int) ([]delivery.DomainCounts, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return nil, err
	}
	return d.in.Records.Domains(ctx, e.ID, n)
}

// A Delivery is one reader's, with the Message-ID that the relay's log has where
// the outcome is unknown.
type Delivery struct {
	delivery.Delivery
	MessageID string
}

// Deliveries lists the deliveries of a state: who did not get it, and why.
func (d *Desk) Deliveries(ctx context.Context, w edition.Week, state delivery.State) iter.Seq2[Delivery, error] {
	return func(yield func(Delivery, error) bool) {
		if err := d.visit(ctx, w, state, func(x Delivery) bool { return yield(x, nil) }); err != nil {
			yield(Delivery{}, err)
		}
	}
}

func (d *Desk) visit(ctx context.Context, w edition.Week, state delivery.State, yield func(Delivery) bool) error {
	e, err := d.Edition(ctx, w)
	if err != nil || !e.Frozen() {
		return err
	}
	messageID := func(int64) string { return "" }
	if state == delivery.Unknown {
		if messageID, err = d.in.Pipeline.MessageIDs(ctx, w); err != nil {
			return err
		}
	}
	const page = 1000
	for after := int64(0); ; {
		list, err := d.in.Records.List(ctx, e.ID, state, after, page)
		if err != nil {
			return err
		}
		for _, x := range list {
			if !yield(Delivery{x, messageID(x.ID)}) {
				return nil
			}
			after = x.ID
		}
		if len(list) < page {
			return nil
		}
	}
}

// Verify proves a send from the records; see delivery.Verify.
func (d *Desk) Verify(ctx context.Context, w edition.Week) (delivery.Proof, error) {
	e, err := d.Edition(ctx, w)
	if err != nil {
		return delivery.Proof{}, err
	}
	proof, err := delivery.Verify(ctx, d.in.Records, d.in.Journals, e.ID)
	if errors.Is(err, delivery.ErrNotFound) {
		return proof, e.Refuse(delivery.ErrNotFound, "%s; it was not sent, so there is nothing to prove", e.Status())
	}
	return proof, err
}

// Compact drops the records of who accepted the editions that were sent before
// then, with their journals, and gives how many it dropped.
func (d *Desk) Compact(ctx context.Context, before time.Time) (int64, error) {
	dropped, err := d.in.Records.Compact(ctx, before, d.in.Now())
	if err != nil {
		return dropped, err
	}
	list, err := d.Editions(ctx)
	if err != nil {
		return dropped, err
	}
	for _, e := range list {
		if !e.Frozen() || e.FinishedAt.IsZero() || e.FinishedAt.After(before) {
			continue
		}
		if err := d.ledger().CompactJournals(ctx, e.ID, d.in.Now()); err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

// Records are the deliveries as recorded, for who follows a send.
func (d *Desk) Records() Records { return d.in.Records }

// Gaps says what the journals know and the database does not, by week.
func (d *Desk) Gaps(ctx context.Context) ([]delivery.Gap, error) { return d.ledger().Gaps(ctx) }

// SignUps tells whether a surge of sign-ups goes on, and how many wait.
func (d *Desk) SignUps(ctx context.Context) (subscribers.SurgeState, error) {
	return d.in.Readers.SurgeState(ctx)
}
