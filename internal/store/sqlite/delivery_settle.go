package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// Resolve settles an edition's unknown deliveries; see
// delivery.Settler. With retry an edition that was sent is sending again: the
// one way back, and only by an operator's word.
func (d Deliveries) Resolve(ctx context.Context, id int64, retry bool, at time.Time) (n int64, err error) {
	to, reply := delivery.Accepted, "resolved as sent by the operator"
	if retry {
		to, reply = delivery.Queued, ""
	}
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		state, err := editionState(ctx, tx, id)
		if err != nil {
			return err
		}
		if retry && state == edition.Cancelled {
			return fmt.Errorf("%w: nobody would send it again", delivery.ErrCancelled)
		}
		n, err = changed(tx.ExecContext(ctx, `
			UPDATE deliveries SET state = ?, at = ?, reply = ?
			WHERE edition_id = ? AND state = `+stateUnknown, int(to), toMillis(at), padReply(reply), id))
		if err != nil || !retry || n == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sends SET finished_at = 0 WHERE edition_id = ?`, id); err != nil {
			return err
		}
		_, err = changeEdition(ctx, tx, id, edition.Edition.Reopen)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("resolve deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

// Reconcile takes over what the journal knows; see delivery.Settler.
func (d Deliveries) Reconcile(ctx context.Context, id int64, node string, ids []int64, seq uint64, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, subscriber := range ids {
			m, err := changed(tx.ExecContext(ctx, `
				UPDATE deliveries SET state = `+stateUnknown+`, dots = max(dots, 1), at = ?, reply = ?
				WHERE edition_id = ? AND subscriber_id = ? AND state IN (`+openStates+`)`,
				toMillis(at), padReply("left before the backup was restored"), id, subscriber))
			if err != nil {
				return err
			}
			n += m
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO send_journals (edition_id, node, seq) VALUES (?1, ?2, ?3)
			ON CONFLICT (edition_id, node) DO UPDATE SET seq = max(seq, ?3)`, id, node, int64(seq))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconcile edition %d: %w", id, err)
	}
	return n, nil
}

// Cancel suppresses what was not sent of a cancelled edition, and
// ends its send.
func (d Deliveries) Cancel(ctx context.Context, id int64, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		state, err := editionState(ctx, tx, id)
		if err != nil {
			return err
		}
		if state != edition.Cancelled {
			return fmt.Errorf("%w: it is %s, not cancelled", delivery.ErrNotSending, state)
		}
		n, err = withdrawDeliveries(ctx, tx, id, at)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cancel deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

// withdrawDeliveries takes a cancelled edition's readers out of the queue. The
// send ends with it, unless a sender still has messages whose end is on its way:
// then it ends when they are recorded. Twice does no harm.
func withdrawDeliveries(ctx context.Context, tx *sql.Tx, id int64, at time.Time) (int64, error) {
	n, err := changed(tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`, at = ?
		WHERE edition_id = ? AND state IN (`+unsentStates+`)`, toMillis(at), id))
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE sends SET finished_at = ?1
		WHERE edition_id = ?2 AND finished_at = 0
		  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE edition_id = ?2 AND state = `+stateDotting+`)`, toMillis(at), id)
	return n, err
}

// SentOnDay is how many messages were intended on a day.
func (d Deliveries) SentOnDay(ctx context.Context, day int64) (int64, error) {
	var n int64
	err := d.db.r.QueryRowContext(ctx, `SELECT COALESCE(sum(dots), 0) FROM send_days WHERE day = ?`, day).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the day's messages: %w", fault(d.db.path, err))
	}
	return n, nil
}

// NextDeferred is when the earliest deferred delivery of an edition is due.
func (d Deliveries) NextDeferred(ctx context.Context, id int64) (time.Time, error) {
	var ms sql.NullInt64
	err := d.db.r.QueryRowContext(ctx, `
		SELECT min(next_attempt) FROM deliveries WHERE edition_id = ? AND state = `+stateDeferred, id).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the next attempt of edition %d: %w", id, fault(d.db.path, err))
	}
	return fromMillis(ms.Int64), nil
}
