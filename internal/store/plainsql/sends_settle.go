package plainsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// Resolve settles an edition's deliveries; see delivery.Settler. An edition that
// was sent and has some to send again is sending: the one way back, and only by
// an operator's word.
func (s SendRecords) Resolve(ctx context.Context, id int64, as delivery.Resolution, at time.Time) (n int64, err error) {
	err = s.db.Write(ctx, func(tx Tx) error {
		state, err := heldState(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := as.May(state); err != nil {
			return err
		}
		n, err = resolve(ctx, tx, id, as, at)
		if err != nil || as == delivery.ResolveSent || n == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE sends SET finished_at = 0 WHERE edition_id = $1`, id); err != nil {
			return err
		}
		_, err = ChangeEdition(ctx, tx, id, edition.Edition.Reopen)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("resolve deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

// heldState is an edition's state, which nobody changes until the transaction
// ends.
func heldState(ctx context.Context, tx Tx, id int64) (edition.State, error) {
	var state string
	err := tx.QueryRow(ctx, `SELECT state FROM editions e WHERE id = $1`+tx.Dialect().Lock, id).Scan(&state)
	if noRows(err) {
		err = fmt.Errorf("edition with id %d: %w", id, edition.ErrNotFound)
	}
	return edition.State(state), err
}

func resolve(ctx context.Context, tx Tx, id int64, as delivery.Resolution, at time.Time) (int64, error) {
	d := tx.Dialect()
	switch as {
	case delivery.ResolveSent:
		return tx.Exec(ctx, `
			UPDATE deliveries SET state = `+Accepted+`, fault = 0, at = $1, reply = $2
			WHERE edition_id = $3 AND state = `+Unknown, column.Millis(at), d.Reply(delivery.ReplyResolved), id)
	case delivery.ResolveRetry:
		return tx.Exec(ctx, `
			UPDATE deliveries SET state = `+Queued+`, fault = 0, at = $1, reply = $2
			WHERE edition_id = $3 AND state = `+Unknown, column.Millis(at), d.Reply(""), id)
	}
	var faults []int64
	for _, f := range delivery.Returnable() {
		faults = append(faults, int64(f))
	}
	list, err := d.List(faults)
	if err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `
		UPDATE deliveries SET state = `+Queued+`, attempts = 0, since = 0, next_attempt = 0, fault = 0, at = $1, reply = $2
		WHERE edition_id = $3 AND state = `+Failed+` AND `+d.Among("fault", "$4"), column.Millis(at), d.Reply(""), id, list)
}

// Cancel suppresses what was not sent of a cancelled edition, and ends its send.
func (s SendRecords) Cancel(ctx context.Context, id int64, at time.Time) (n int64, err error) {
	err = s.db.Write(ctx, func(tx Tx) error {
		state, err := heldState(ctx, tx, id)
		if err != nil {
			return err
		}
		if state != edition.Cancelled {
			return fmt.Errorf("%w: it is %s, not cancelled", delivery.ErrNotSending, state)
		}
		n, err = tx.Dialect().Withdraw(ctx, tx, id, column.Millis(at))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cancel deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

// AdoptEdition makes the week's edition of an adoption a sent one.
func AdoptEdition(ctx context.Context, tx Tx, a delivery.Adoption) (int64, error) {
	w, err := edition.ParseWeek(a.Week)
	if err != nil {
		return 0, err
	}
	e, err := EditionOf(ctx, tx, w)
	if errors.Is(err, edition.ErrNotFound) {
		if _, err := InsertEdition(ctx, tx, edition.Forgotten(w, a.SentAt)); err != nil {
			return 0, err
		}
		e, err = EditionOf(ctx, tx, w)
	}
	if err != nil {
		return 0, err
	}
	_, err = ChangeEdition(ctx, tx, e.ID, func(e edition.Edition) (edition.Edition, error) { return e.Adopt(a.SentAt) })
	return e.ID, err
}
