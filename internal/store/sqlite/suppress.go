package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// suppressionOf gives an address's suppression by its hash, the zero one for
// none.
func suppressionOf(ctx context.Context, q querier, a subscribers.Address) (subscribers.Suppression, error) {
	var s subscribers.Suppression
	var at int64
	err := q.QueryRowContext(ctx, "SELECT reason, detail, at FROM suppressions WHERE address_sha256 = ?", a.SHA256[:]).
		Scan(&s.Reason, &s.Detail, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return subscribers.Suppression{}, fmt.Errorf("read suppression: %w", err)
	}
	s.At = fromMillis(at)
	return s, nil
}

// recordSuppression records a suppression after the one that stands, and gives
// what stands now.
func recordSuppression(ctx context.Context, tx *sql.Tx, a subscribers.Address, s subscribers.Suppression) (subscribers.Suppression, error) {
	standing, err := suppressionOf(ctx, tx, a)
	if err != nil {
		return standing, err
	}
	s = s.After(standing)
	_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO suppressions (address_sha256, reason, detail, at) VALUES (?, ?, ?, ?)",
		a.SHA256[:], s.Reason, s.Detail, toMillis(s.At))
	if err != nil {
		return s, fmt.Errorf("record suppression: %w", err)
	}
	return s, nil
}

func deleteSuppression(ctx context.Context, tx *sql.Tx, a subscribers.Address) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM suppressions WHERE address_sha256 = ?", a.SHA256[:]); err != nil {
		return fmt.Errorf("end suppression: %w", err)
	}
	return nil
}

// Suppress records that an address must not be mailed.
func (list Subscribers) Suppress(ctx context.Context, a subscribers.Address, s subscribers.Suppression) error {
	if err := list.db.inTx(ctx, func(tx *sql.Tx) error { return suppress(ctx, tx, a, s) }); err != nil {
		return fmt.Errorf("suppress address: %w", err)
	}
	return nil
}

// suppress records a suppression, on the list too where the address is there,
// and takes away what is undelivered.
func suppress(ctx context.Context, tx *sql.Tx, a subscribers.Address, s subscribers.Suppression) error {
	standing, err := recordSuppression(ctx, tx, a, s)
	if err != nil {
		return err
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
	if old.Suppressed == standing.Reason {
		return nil
	}
	old.Suppressed = standing.Reason
	if err := saveSubscriber(ctx, tx, old); err != nil {
		return err
	}
	return recordEvent(ctx, tx, old.ID, subscribers.EventSuppress, standing.Note(), s.At)
}

// Lift undoes a suppression that an operator may lift.
func (list Subscribers) Lift(ctx context.Context, a subscribers.Address, note string, at time.Time) error {
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		k, err := known(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := k.Reason().MayLift(); err != nil {
			return err
		}
		if err := deleteSuppression(ctx, tx, a); err != nil {
			return err
		}
		if k.Subscriber.Suppressed == subscribers.NotSuppressed {
			return nil
		}
		k.Subscriber.Suppressed = subscribers.NotSuppressed
		if err := saveSubscriber(ctx, tx, k.Subscriber); err != nil {
			return err
		}
		return recordEvent(ctx, tx, k.Subscriber.ID, subscribers.EventLift, note, at)
	})
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}

// Erase removes a person.
func (list Subscribers) Erase(ctx context.Context, a subscribers.Address, at time.Time) (bool, error) {
	if err := list.db.takeSpilled(ctx); err != nil {
		return false, fmt.Errorf("erase address: %w", err)
	}
	found := false
	err := list.db.inTx(ctx, func(tx *sql.Tx) (err error) {
		found, err = erase(ctx, tx, a, at)
		return err
	})
	if err = errors.Join(err, list.checkpointErased(ctx, err)); err != nil {
		return false, fmt.Errorf("erase address: %w", err)
	}
	return found, nil
}

// checkpointErased ends an erasure that did not fail. What is deleted is
// overwritten (secure_delete), but until a checkpoint the log has the old pages.
// A reader can hold it up; the next one does it then.
func (list Subscribers) checkpointErased(ctx context.Context, failed error) error {
	if failed != nil {
		return nil
	}
	_, err := list.db.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func erase(ctx context.Context, tx *sql.Tx, a subscribers.Address, at time.Time) (found bool, err error) {
	if _, err := recordSuppression(ctx, tx, a, subscribers.Suppression{Reason: subscribers.Erased, At: at}); err != nil {
		return false, err
	}
	for _, table := range []string{"signups", "held_signups"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE lower(email) = ?", a.Key); err != nil {
			return false, fmt.Errorf("erase sign-ups: %w", err)
		}
	}
	old, err := subscriberWhere(ctx, tx, "s.email_key = ?", a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, eraseSubscriber(ctx, tx, old, at)
}

func eraseSubscriber(ctx context.Context, tx *sql.Tx, old subscribers.Subscriber, at time.Time) error {
	if err := voidConfirmations(ctx, tx, old.ID, at); err != nil {
		return err
	}
	s := old.Erase(at, subscribers.NewToken())
	if err := saveSubscriber(ctx, tx, s); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE subscribers SET email = ?, email_key = 'erased:' || id, address_hash = 0, token = ? WHERE id = ?",
		s.Email, s.Token[:], s.ID); err != nil {
		return fmt.Errorf("erase subscriber: %w", err)
	}
	for _, table := range []string{"confirmations", "outbox", "subscriber_events", "fresh_links", "votes", "saved", "delivery_lines", "leave_answers", "import_changed_subscribers"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE subscriber_id = ?", s.ID); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	if err := plainsql.EraseKept(ctx, plainTx{tx}, old.Email); err != nil {
		return err
	}
	return eraseReplies(ctx, tx, s.ID)
}

// eraseReplies takes the address out of what servers answered about it.
func eraseReplies(ctx context.Context, tx *sql.Tx, id int64) error {
	rows, err := tx.QueryContext(ctx, `
		SELECT d.edition_id, d.reply
		FROM sends s JOIN deliveries d ON d.edition_id = s.edition_id
		WHERE d.subscriber_id = ? AND instr(d.reply, '@') > 0`, id)
	if err != nil {
		return fmt.Errorf("erase replies: %w", err)
	}
	defer rows.Close() // rows.Err says it
	replies := map[int64]string{}
	for rows.Next() {
		var edition int64
		var reply string
		if err := rows.Scan(&edition, &reply); err != nil {
			return fmt.Errorf("erase replies: %w", err)
		}
		replies[edition] = padReply(delivery.WithoutAddresses(reply))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("erase replies: %w", err)
	}
	for edition, reply := range replies {
		if _, err := tx.ExecContext(ctx, "UPDATE deliveries SET reply = ? WHERE edition_id = ? AND subscriber_id = ?", reply, edition, id); err != nil {
			return fmt.Errorf("erase replies: %w", err)
		}
	}
	return nil
}
