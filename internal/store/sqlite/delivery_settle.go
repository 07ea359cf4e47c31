package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/plainsql"
)

// Resolve settles an edition's deliveries; see delivery.Settler. An edition that
// was sent and has some to send again is sending: the one way back, and only by
// an operator's word.
func (d Deliveries) Resolve(ctx context.Context, id int64, as delivery.Resolution, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		state, err := plainsql.EditionState(ctx, plainTx{tx}, id)
		if err != nil {
			return err
		}
		if as != delivery.ResolveSent && state == edition.Cancelled {
			return fmt.Errorf("%w: nobody would send it again", delivery.ErrCancelled)
		}
		n, err = resolve(ctx, tx, id, as, at)
		if err != nil || as == delivery.ResolveSent || n == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sends SET finished_at = 0 WHERE edition_id = ?`, id); err != nil {
			return err
		}
		_, err = plainsql.ChangeEdition(ctx, plainTx{tx}, id, edition.Edition.Reopen)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("resolve deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

func resolve(ctx context.Context, tx *sql.Tx, id int64, as delivery.Resolution, at time.Time) (int64, error) {
	switch as {
	case delivery.ResolveSent:
		return changed(tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateAccepted+`, fault = 0, at = ?, reply = ?
			WHERE edition_id = ? AND state = `+stateUnknown,
			toMillis(at), padReply(delivery.ReplyResolved), id))
	case delivery.ResolveRetry:
		return changed(tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateQueued+`, fault = 0, at = ?, reply = ?
			WHERE edition_id = ? AND state = `+stateUnknown, toMillis(at), padReply(""), id))
	}
	list, err := marshalled(numbers(delivery.Returnable()))
	if err != nil {
		return 0, err
	}
	return changed(tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateQueued+`, attempts = 0, since = 0, next_attempt = 0, fault = 0, at = ?, reply = ?
		WHERE edition_id = ? AND state = `+stateFailed+` AND fault IN (SELECT value FROM json_each(?))`,
		toMillis(at), padReply(""), id, list))
}

// numbers are faults as SQL has them; marshalled as they are, they would be a
// string of bytes.
func numbers(faults []delivery.Fault) []int {
	var out []int
	for _, f := range faults {
		out = append(out, int(f))
	}
	return out
}

// Reconcile takes over what the journal knows; see delivery.Settler.
func (d Deliveries) Reconcile(ctx context.Context, id int64, node string, ids []int64, seq uint64, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, subscriber := range ids {
			m, err := changed(tx.ExecContext(ctx, `
				UPDATE deliveries SET state = `+stateUnknown+`, dots = max(dots, 1), at = ?, reply = ?
				WHERE edition_id = ? AND subscriber_id = ? AND state IN (`+openStates+`)`,
				toMillis(at), padReply(delivery.ReplyRestored), id, subscriber))
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
		state, err := plainsql.EditionState(ctx, plainTx{tx}, id)
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
