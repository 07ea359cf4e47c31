package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// suppressionOf gives why an address is suppressed by its hash, or
// NotSuppressed.
func suppressionOf(ctx context.Context, q querier, a subscribers.Address) (subscribers.Reason, error) {
	var reason subscribers.Reason
	err := q.QueryRowContext(ctx, "SELECT reason FROM suppressions WHERE address_sha256 = ?", a.SHA256[:]).Scan(&reason)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read suppression: %w", err)
	}
	return reason, nil
}

// SuppressAddress records that an address must not be mailed.
func (db *DB) SuppressAddress(ctx context.Context, a subscribers.Address, s subscribers.Suppression) error {
	if err := db.inTx(ctx, func(tx *sql.Tx) error { return suppress(ctx, tx, a, s) }); err != nil {
		return fmt.Errorf("suppress address: %w", err)
	}
	return nil
}

// suppress records a suppression, on the list too where the address is there,
// and takes away what is undelivered. An earlier suppression stays as it is,
// but for an erasure, which gives way to a reason that the reader cannot undo.
func suppress(ctx context.Context, tx *sql.Tx, a subscribers.Address, s subscribers.Suppression) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO suppressions (address_sha256, reason, detail, at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail, at = excluded.at WHERE reason = ?`,
		a.SHA256[:], s.Reason, s.Detail, toMillis(s.At), subscribers.Erased); err != nil {
		return fmt.Errorf("record suppression: %w", err)
	}
	old, err := subscriberWhere(ctx, tx, "s.email_key = ?", a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := voidConfirmations(ctx, tx, old.ID, s.At); err != nil {
		return err
	}
	if old.Suppressed != subscribers.NotSuppressed {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "UPDATE subscribers SET suppressed = ? WHERE id = ?", s.Reason, old.ID); err != nil {
		return fmt.Errorf("mark as suppressed: %w", err)
	}
	detail := s.Reason.String()
	if s.Detail != "" {
		detail += ": " + s.Detail
	}
	return recordEvent(ctx, tx, old.ID, subscribers.EventSuppress, detail, s.At)
}

// LiftSuppression undoes a suppression that is no erasure.
func (db *DB) LiftSuppression(ctx context.Context, a subscribers.Address, note string, at time.Time) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "DELETE FROM suppressions WHERE address_sha256 = ? AND reason <> ?", a.SHA256[:], subscribers.Erased)
		if err != nil {
			return err
		}
		lifted, err := res.RowsAffected()
		if err != nil {
			return err
		}
		old, err := subscriberWhere(ctx, tx, "s.email_key = ?", a.Key)
		switch {
		case err != nil && !errors.Is(err, subscribers.ErrNotFound):
			return err
		case err == nil && old.Suppressed != subscribers.NotSuppressed:
			if _, err := tx.ExecContext(ctx, "UPDATE subscribers SET suppressed = 0 WHERE id = ?", old.ID); err != nil {
				return err
			}
			return recordEvent(ctx, tx, old.ID, subscribers.EventLift, note, at)
		case lifted == 0:
			return fmt.Errorf("%w: it is not suppressed", subscribers.ErrNotFound)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}

// EraseAddress removes a person. The subscriber's row stays, without anything
// personal, so that past deliveries still count and its id is never given to
// somebody else.
func (db *DB) EraseAddress(ctx context.Context, a subscribers.Address, at time.Time) (bool, error) {
	found := false
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO suppressions (address_sha256, reason, at) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET detail = ''`, a.SHA256[:], subscribers.Erased, toMillis(at)); err != nil {
			return fmt.Errorf("record erasure: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM signups WHERE lower(email) = ?", a.Key); err != nil {
			return fmt.Errorf("erase sign-ups: %w", err)
		}
		old, err := subscriberWhere(ctx, tx, "s.email_key = ?", a.Key)
		if errors.Is(err, subscribers.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		return eraseSubscriber(ctx, tx, old.ID, at)
	})
	if err == nil {
		// What is deleted is overwritten (secure_delete), but until a checkpoint the
		// log has the old pages. A reader can hold it up; the next one does it then.
		_, err = db.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return false, fmt.Errorf("erase address: %w", err)
	}
	return found, nil
}

func eraseSubscriber(ctx context.Context, tx *sql.Tx, id int64, at time.Time) error {
	if err := voidConfirmations(ctx, tx, id, at); err != nil {
		return err
	}
	token := subscribers.NewToken() // the old links end
	if _, err := tx.ExecContext(ctx, `UPDATE subscribers
		SET email = '', email_key = 'erased:' || id, address_hash = 0, name = '', status = ?, suppressed = ?, token = ?,
			categories = '', source = '', confirmed_at = 0, left_at = ?
		WHERE id = ?`, subscribers.Unsubscribed, subscribers.Erased, token[:], toMillis(at), id); err != nil {
		return fmt.Errorf("erase subscriber: %w", err)
	}
	for _, table := range []string{"confirmations", "outbox", "subscriber_events"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE subscriber_id = ?", id); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	return nil
}
