package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// States of an outbox row; the numbers are stored.
const (
	mailWaiting = iota
	mailSent
	mailGivenUp
)

const (
	mailLease = 10 * time.Minute    // how long a sender may take before another one tries
	mailsKept = 90 * 24 * time.Hour // how long a done mail is remembered
)

// confirmKey is the dedupe key of a mailbox's confirmation: one waits at a time,
// over all spellings of the address.
func confirmKey(email string) string {
	a, err := subscribers.ParseAddress(email)
	if err != nil { // never: what is on the list was parsed
		return subscribers.MailConfirm + ":" + email
	}
	mailbox := a.Throttle()
	return subscribers.MailConfirm + ":" + hex.EncodeToString(mailbox[:])
}

// enqueueFor queues a mail to a reader. A reader has one mail of a kind waiting
// at a time.
func enqueueFor(ctx context.Context, tx *sql.Tx, kind string, s subscribers.Subscriber, data string, at time.Time) error {
	key := fmt.Sprintf("%s:%d", kind, s.ID)
	if kind == subscribers.MailConfirm {
		key = confirmKey(s.Email)
	}
	return enqueue(ctx, tx, kind, sql.NullInt64{Int64: s.ID, Valid: true}, s.Email, data, key, at)
}

func enqueue(ctx context.Context, tx *sql.Tx, kind string, id sql.NullInt64, recipient, data, key string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO outbox (kind, subscriber_id, recipient, data, dedupe, created_at, next_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dedupe) DO NOTHING`,
		kind, id, recipient, data, key, toMillis(at), toMillis(at))
	if err != nil {
		return fmt.Errorf("queue %s mail: %w", kind, err)
	}
	return nil
}

// EnqueueNotice queues a mail to somebody who is no subscriber, an editor. Each
// recipient gets one notice for a dedupe key, however often it is queued; the
// key is remembered for 90 days after the mail was done.
func (db *DB) EnqueueNotice(ctx context.Context, recipient, kind string, data any, dedupe string, at time.Time) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("queue %s mail: %w", kind, err)
	}
	key := "notice:" + kind + ":" + dedupe + ":" + recipient
	return db.inTx(ctx, func(tx *sql.Tx) error {
		return enqueue(ctx, tx, kind, sql.NullInt64{}, recipient, string(raw), key, at)
	})
}

// TakeMail takes the mail that has waited longest past its time, if any, and
// leases it: unless it is finished, retried or abandoned within 10 minutes, it
// will be taken again, so that a crash loses none.
func (db *DB) TakeMail(ctx context.Context, now time.Time) (subscribers.Mail, bool, error) {
	var m subscribers.Mail
	var subscriber sql.NullInt64
	var data string
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE outbox SET attempts = attempts + 1, next_at = ?
			WHERE id = (SELECT id FROM outbox WHERE state = 0 AND next_at <= ? ORDER BY next_at, id LIMIT 1)
			RETURNING id, kind, subscriber_id, recipient, data, attempts`,
			toMillis(now.Add(mailLease)), toMillis(now)).Scan(&m.ID, &m.Kind, &subscriber, &m.Recipient, &data, &m.Attempts)
		if err != nil {
			return err
		}
		if m.Data = json.RawMessage(data); subscriber.Valid {
			m.Subscriber, err = subscriberByID(ctx, tx, subscriber.Int64)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return subscribers.Mail{}, false, nil
	}
	if err != nil {
		return subscribers.Mail{}, false, fmt.Errorf("take mail: %w", err)
	}
	return m, true, nil
}

// FinishMail records that a mail was sent.
func (db *DB) FinishMail(ctx context.Context, id int64, at time.Time) error {
	return db.inTx(ctx, func(tx *sql.Tx) error { return mailDone(ctx, tx, id, mailSent, "", at) })
}

// AbandonMail gives a mail up and records why: the server refused it for good.
func (db *DB) AbandonMail(ctx context.Context, id int64, reason string, at time.Time) error {
	return db.inTx(ctx, func(tx *sql.Tx) error { return mailDone(ctx, tx, id, mailGivenUp, reason, at) })
}

// mailDone forgets what was in the mail. A mail that was withdrawn in the
// meantime is nobody's concern.
func mailDone(ctx context.Context, tx *sql.Tx, id int64, state int, reason string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE outbox
		SET state = ?, done_at = ?, last_error = ?, data = '', dedupe = CASE WHEN subscriber_id IS NULL THEN dedupe END
		WHERE id = ? AND state = 0`, state, toMillis(at), reason, id)
	if err != nil {
		return fmt.Errorf("record mail's end: %w", err)
	}
	return nil
}

// RetryMail puts a mail back until next, or gives it up when it was tried often
// or long enough; it reports whether it did.
func (db *DB) RetryMail(ctx context.Context, id int64, next time.Time, reason string) (gaveUp bool, err error) {
	err = db.inTx(ctx, func(tx *sql.Tx) error {
		var attempts int
		var created int64
		err := tx.QueryRowContext(ctx, "SELECT attempts, created_at FROM outbox WHERE id = ? AND state = 0", id).Scan(&attempts, &created)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // withdrawn
		}
		if err != nil {
			return err
		}
		if attempts >= subscribers.MailAttempts || next.Sub(fromMillis(created)) > subscribers.MailFor {
			gaveUp = true
			return mailDone(ctx, tx, id, mailGivenUp, reason, next)
		}
		_, err = tx.ExecContext(ctx, "UPDATE outbox SET next_at = ?, last_error = ? WHERE id = ?", toMillis(next), reason, id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retry mail: %w", err)
	}
	return gaveUp, nil
}
