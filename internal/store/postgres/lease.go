package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/column"
)

var _ delivery.Leases = Leases{}

// Leases are who may send which edition now: any number of nodes, each once. They
// end by the server's clock, which is one for all hosts: the hosts' own may differ
// by hours.
type Leases struct{ db *DB }

// Leases gives the database's leases.
func (db *DB) Leases() Leases { return Leases{db} }

// Acquire takes a node's lease of an edition; see delivery.Leases. Other nodes'
// are no obstacle. Of the times only how far l.Until is from at counts.
func (s Leases) Acquire(ctx context.Context, l delivery.Lease, sameHostDead bool, at time.Time) (delivery.Sender, error) {
	out := delivery.Sender{Edition: l.Edition, Node: l.Node}
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		// The edition's row makes one after the other of those who come at once.
		if _, err := tx.Exec(ctx, `SELECT 1 FROM editions WHERE id = $1 FOR NO KEY UPDATE`, l.Edition); err != nil {
			return err
		}
		former, err := formerSender(ctx, tx, l, sameHostDead)
		if err != nil {
			return err
		}
		if err := foldTally(ctx, tx, l.Edition, former); err != nil {
			return err
		}
		here, err := s.db.here(ctx, tx)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO send_epochs (edition_id, epoch, node, holder, began_at)
			SELECT $1, coalesce(max(epoch), 0) + 1, $2, $3, $4 FROM send_epochs WHERE edition_id = $1
			RETURNING epoch`, l.Edition, l.Node, text(l.Holder), column.Millis(at)).Scan(&out.Epoch)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO send_leases AS s (edition_id, node, epoch, host, holder, lasts, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $6)
			ON CONFLICT (edition_id, node) DO UPDATE
			SET epoch = excluded.epoch, host = excluded.host, holder = excluded.holder, lasts = excluded.lasts, expires_at = excluded.expires_at`,
			l.Edition, l.Node, out.Epoch, l.Host, text(l.Holder), l.Until.Sub(at))
		if err != nil {
			return err
		}
		// A node is known before its first message, so that a promoted standby that has
		// forgotten them knows whom to wait for.
		_, err = tx.Exec(ctx, `
			INSERT INTO send_journals (edition_id, node, seq, server)
			SELECT edition_id, $2, 0, $3 FROM sends WHERE edition_id = $1
			ON CONFLICT DO NOTHING`, l.Edition, l.Node, here.String())
		return err
	})
	if err != nil {
		return delivery.Sender{}, fmt.Errorf("take the sender's lease: %w", err)
	}
	return out, nil
}

// formerSender is the epoch of the node's sender before; 0: there was none. It fails with a
// delivery.LockedError when that one is another's that lives.
func formerSender(ctx context.Context, tx pgx.Tx, l delivery.Lease, sameHostDead bool) (epoch int64, err error) {
	var held delivery.HeldLease
	var now time.Time
	err = tx.QueryRow(ctx, `
		SELECT host, holder, epoch, coalesce(expires_at, to_timestamp(0)), clock_timestamp()
		FROM send_leases WHERE edition_id = $1 AND node = $2 FOR UPDATE`, l.Edition, l.Node).
		Scan(&held.Host, &held.Holder, &held.Epoch, &held.Until, &now)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return held.Epoch, held.Yield(l, sameHostDead, now)
}

// Renew keeps the lease for as long again as it was taken for.
func (s Leases) Renew(ctx context.Context, sender delivery.Sender, _ time.Time) error {
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		n, err := run(ctx, tx, `
			UPDATE send_leases SET expires_at = greatest(expires_at, clock_timestamp() + lasts)
			WHERE edition_id = $1 AND epoch = $2 AND expires_at IS NOT NULL`, sender.Edition, sender.Epoch)
		if err == nil && n == 0 {
			return delivery.ErrLeaseLost
		}
		return err
	})
	if errors.Is(err, ErrInDoubt) { // renewed or not, the same may be tried again
		err = store.Away(err)
	}
	if err != nil {
		return fmt.Errorf("renew the sender's lease: %w", err)
	}
	return nil
}

// Release gives the lease back, and the parts of the send that the sender had; a
// later sender's is left alone. The epoch stays counted.
func (s Leases) Release(ctx context.Context, sender delivery.Sender) error {
	err := s.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE send_leases SET expires_at = NULL
			WHERE edition_id = $1 AND epoch = $2`, sender.Edition, sender.Epoch)
		if err != nil {
			return err
		}
		return endEpoch(ctx, tx, sender.Edition, sender.Epoch)
	})
	if err != nil {
		return fmt.Errorf("release the sender's lease: %w", err)
	}
	return nil
}
