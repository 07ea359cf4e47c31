package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Resolve settles an edition's deliveries; see delivery.Settler. An edition that
// was sent and has some to send again is sending: the one way back, and only by
// an operator's word.
func (d Deliveries) Resolve(ctx context.Context, id int64, as delivery.Resolution, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx pgx.Tx) error {
		state, err := heldState(ctx, tx, id)
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
		if _, err := tx.Exec(ctx, `UPDATE sends SET finished_at = 0 WHERE edition_id = $1`, id); err != nil {
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

// heldState is an edition's state, which nobody changes until the transaction
// ends.
func heldState(ctx context.Context, tx pgx.Tx, id int64) (edition.State, error) {
	if _, err := tx.Exec(ctx, `SELECT 1 FROM editions WHERE id = $1 FOR UPDATE`, id); err != nil {
		return "", err
	}
	return plainsql.EditionState(ctx, plainTx{tx}, id)
}

func resolve(ctx context.Context, tx pgx.Tx, id int64, as delivery.Resolution, at time.Time) (int64, error) {
	switch as {
	case delivery.ResolveSent:
		return run(ctx, tx, `
			UPDATE deliveries SET state = `+stateAccepted+`, fault = 0, at = $1, reply = $2
			WHERE edition_id = $3 AND state = `+stateUnknown,
			column.Millis(at), delivery.ReplyResolved, id)
	case delivery.ResolveRetry:
		return run(ctx, tx, `
			UPDATE deliveries SET state = `+stateQueued+`, fault = 0, at = $1, reply = ''
			WHERE edition_id = $2 AND state = `+stateUnknown, column.Millis(at), id)
	}
	var faults []int16
	for _, f := range delivery.Returnable() {
		faults = append(faults, int16(f))
	}
	return run(ctx, tx, `
		UPDATE deliveries SET state = `+stateQueued+`, attempts = 0, since = 0, next_attempt = 0, fault = 0, at = $1, reply = ''
		WHERE edition_id = $2 AND state = `+stateFailed+` AND fault = ANY ($3)`, column.Millis(at), id, faults)
}

// Reconcile takes over what the journal knows; see delivery.Settler.
func (d Deliveries) Reconcile(ctx context.Context, id int64, node string, ids []int64, seq uint64, at time.Time) (n int64, err error) {
	if ids == nil {
		ids = []int64{}
	}
	err = d.db.inTx(ctx, func(tx pgx.Tx) (err error) {
		n, err = run(ctx, tx, `
			UPDATE deliveries SET state = `+stateUnknown+`, dots = greatest(dots, 1), next_attempt = 0, at = $1, reply = $2
			WHERE edition_id = $3 AND subscriber_id = ANY ($4) AND state IN (`+plainsql.Open+`)`,
			column.Millis(at), delivery.ReplyRestored, id, ids)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO send_journals AS j (edition_id, node, seq, server) VALUES ($1, $2, $3, $4)
			ON CONFLICT (edition_id, node) DO UPDATE SET seq = greatest(j.seq, excluded.seq),
			    server = CASE WHEN excluded.seq > 0 OR cardinality($5::bigint[]) = 0 THEN excluded.server ELSE j.server END`, id, node, int64(seq), d.db.server.Load().String(), ids)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconcile edition %d: %w", id, err)
	}
	return n, nil
}

// Cancel suppresses what was not sent of a cancelled edition, and ends its send.
func (d Deliveries) Cancel(ctx context.Context, id int64, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx pgx.Tx) error {
		state, err := heldState(ctx, tx, id)
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
func withdrawDeliveries(ctx context.Context, tx pgx.Tx, id int64, at time.Time) (int64, error) {
	n, err := run(ctx, tx, `
		UPDATE deliveries SET state = `+stateSuppressed+`, next_attempt = 0, at = $1
		WHERE edition_id = $2 AND state IN (`+unsentStates+`)`, column.Millis(at), id)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE sends SET finished_at = $1
		WHERE edition_id = $2 AND finished_at = 0
		  AND coalesce((SELECT sum(n) FROM send_counts WHERE edition_id = $2 AND state = `+stateDotting+`), 0) = 0`, column.Millis(at), id)
	return n, err
}

// withdrawReaders takes what is unsent of readers, none of whom may be mailed any
// more, out of the editions that are being sent; see delivery.State.Withdrawn.
func withdrawReaders(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`, next_attempt = 0
		WHERE edition_id = ANY (ARRAY(SELECT edition_id FROM sends WHERE finished_at = 0))
		  AND subscriber_id = ANY ($1) AND state IN (`+unsentStates+`)`, ids)
	if err != nil {
		return fmt.Errorf("withdraw deliveries: %w", err)
	}
	return nil
}
