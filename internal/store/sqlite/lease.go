package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// AcquireLease takes the sender's lease; see delivery.Leases.
func (db *DB) AcquireLease(ctx context.Context, l delivery.Lease, sameHostDead bool, at time.Time) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		var host, holder string
		var expires int64
		err := tx.QueryRowContext(ctx, `SELECT host, holder, expires_at FROM leases WHERE name = 'send'`).
			Scan(&host, &holder, &expires)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		dead := sameHostDead && host == l.Host
		if expires > toMillis(at) && !dead {
			return fmt.Errorf("%w: %s, at least until %s", delivery.ErrLocked, holder, fromMillis(expires).Format(time.RFC3339))
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO leases (name, owner, host, holder, expires_at) VALUES ('send', ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE
			SET owner = excluded.owner, host = excluded.host, holder = excluded.holder, expires_at = excluded.expires_at`,
			l.Owner, l.Host, l.Holder, toMillis(l.Until))
		return err
	})
	if err != nil {
		return fmt.Errorf("take the sender's lease: %w", err)
	}
	return nil
}

// RenewLease keeps the lease until then.
func (db *DB) RenewLease(ctx context.Context, owner string, until time.Time) error {
	err := db.inTxSoon(ctx, func(tx *sql.Tx) error { return renewLease(ctx, tx, owner, until) })
	if err != nil {
		return fmt.Errorf("renew the sender's lease: %w", err)
	}
	return nil
}

// renewLease is RenewLease within the caller's transaction; it is also how a
// transaction makes sure that its sender still holds the lease. One that had to
// wait for the database takes nothing off a later one.
func renewLease(ctx context.Context, tx *sql.Tx, owner string, until time.Time) error {
	n, err := changed(tx.ExecContext(ctx,
		`UPDATE leases SET expires_at = max(expires_at, ?) WHERE name = 'send' AND owner = ?`, toMillis(until), owner))
	if err == nil && n == 0 {
		return delivery.ErrLeaseLost
	}
	return err
}

// requireLease fails with ErrLeaseLost unless owner holds the lease.
func requireLease(ctx context.Context, tx *sql.Tx, owner string) error {
	var held bool
	err := tx.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM leases WHERE name = 'send' AND owner = ?)`, owner).Scan(&held)
	if err == nil && !held {
		return delivery.ErrLeaseLost
	}
	return err
}

// ReleaseLease gives the lease back; another owner's is left alone.
func (db *DB) ReleaseLease(ctx context.Context, owner string) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE name = 'send' AND owner = ?`, owner)
		return err
	})
	if err != nil {
		return fmt.Errorf("release the sender's lease: %w", err)
	}
	return nil
}

// changed is the number of rows that a statement changed.
func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
