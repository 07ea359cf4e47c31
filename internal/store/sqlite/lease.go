package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

var _ delivery.Leases = Leases{}

// Leases are who may send which edition now.
type Leases struct{ db *DB }

// Leases gives the database's leases.
func (db *DB) Leases() Leases { return Leases{db} }

// Acquire takes an edition's lease; see delivery.Leases.
func (s Leases) Acquire(ctx context.Context, l delivery.Lease, sameHostDead bool, at time.Time) (delivery.Sender, error) {
	out := delivery.Sender{Edition: l.Edition, Node: l.Node}
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		var held delivery.HeldLease
		var expires int64
		err := tx.QueryRowContext(ctx, `
			SELECT host, holder, expires_at, epoch FROM send_leases WHERE edition_id = ?`, l.Edition).
			Scan(&held.Host, &held.Holder, &expires, &held.Epoch)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		held.Until = fromMillis(expires)
		if err := held.Yield(l, sameHostDead, at.Truncate(time.Millisecond)); err != nil {
			return err
		}
		out.Epoch = held.Epoch + 1
		return takeLease(ctx, tx, l, out.Epoch, at)
	})
	if err != nil {
		return delivery.Sender{}, fmt.Errorf("take the sender's lease: %w", err)
	}
	return out, nil
}

func takeLease(ctx context.Context, tx *sql.Tx, l delivery.Lease, epoch int64, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO send_leases (edition_id, epoch, host, holder, expires_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (edition_id) DO UPDATE
		SET epoch = excluded.epoch, host = excluded.host, holder = excluded.holder, expires_at = excluded.expires_at`,
		l.Edition, epoch, l.Host, l.Holder, toMillis(l.Until))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO send_epochs (edition_id, epoch, node, holder, began_at) VALUES (?, ?, ?, ?, ?)`,
		l.Edition, epoch, l.Node, l.Holder, toMillis(at))
	return err
}

// Renew keeps the lease until then.
func (s Leases) Renew(ctx context.Context, sender delivery.Sender, until time.Time) error {
	err := s.db.inTxSoon(ctx, func(tx *sql.Tx) error { return renewLease(ctx, tx, sender, until) })
	if err != nil {
		return fmt.Errorf("renew the sender's lease: %w", err)
	}
	return nil
}

// renewLease is Renew within the caller's transaction; it is also how a
// transaction makes sure that its sender still holds the lease. One that had to
// wait for the database takes nothing off a later one.
func renewLease(ctx context.Context, tx runner, s delivery.Sender, until time.Time) error {
	n, err := changed(tx.ExecContext(ctx, lengthenLease, toMillis(until), s.Edition, s.Epoch))
	if err == nil && n == 0 {
		return delivery.ErrLeaseLost
	}
	return err
}

const lengthenLease = `
	UPDATE send_leases SET expires_at = max(expires_at, ?)
	WHERE edition_id = ? AND epoch = ? AND expires_at > 0`

// requireLease fails with ErrLeaseLost unless s holds its edition's lease.
func requireLease(ctx context.Context, tx *sql.Tx, s delivery.Sender) error {
	var held bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM send_leases WHERE edition_id = ? AND epoch = ? AND expires_at > 0)`,
		s.Edition, s.Epoch).Scan(&held)
	if err == nil && !held {
		return delivery.ErrLeaseLost
	}
	return err
}

// Release gives the lease back; a later sender's is left alone. The epoch stays
// counted.
func (s Leases) Release(ctx context.Context, sender delivery.Sender) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE send_leases SET expires_at = 0 WHERE edition_id = ? AND epoch = ?`, sender.Edition, sender.Epoch)
		if err != nil {
			return err
		}
		return plainsql.DropReservation(ctx, plainTx{tx}, sender.Edition, sender.Epoch)
	})
	if err != nil {
		return fmt.Errorf("release the sender's lease: %w", err)
	}
	return nil
}

// endLapsed ends the leases that have run out at a time, but for s's own, and gives
// back what their senders had reserved.
func endLapsed(ctx context.Context, tx *sql.Tx, s delivery.Sender, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE send_leases SET expires_at = 0 WHERE expires_at > 0 AND expires_at <= ? AND edition_id <> ?`, toMillis(at), s.Edition)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM day_reservations
		WHERE NOT EXISTS (
			SELECT 1 FROM send_leases l
			WHERE l.edition_id = day_reservations.edition_id AND l.epoch = day_reservations.epoch AND l.expires_at > 0)`)
	return err
}

// changed is the number of rows that a statement changed.
func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
