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

// PauseSend pauses an edition as its sender asks (see delivery.Pause.Begins), tells
// the editors, and gives how the edition stands then.
func PauseSend(ctx context.Context, tx Tx, id int64, p delivery.Pause, at time.Time) (state edition.State, reason string, err error) {
	err = tx.QueryRow(ctx, `SELECT state, pause_reason FROM editions e WHERE id = $1`+tx.Dialect().Lock, id).Scan(&state, &reason)
	if err != nil || !p.Begins(state, reason) {
		return state, reason, err
	}
	e, err := ChangeEdition(ctx, tx, id, func(e edition.Edition) (edition.Edition, error) { return e.Pause(p.Reason) })
	if err != nil {
		return state, reason, err
	}
	if err := AddSendNotice(ctx, tx, id, e.PauseReason, at); err != nil {
		return state, reason, err
	}
	if p.Breaker {
		_, err = tx.Exec(ctx, `UPDATE sends SET stopped = $1 WHERE edition_id = $2`, true, id)
	}
	return e.State, e.PauseReason, err
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
	info, err := sendInfo(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	var faults []int64
	for _, f := range delivery.Returnable(info.Stopped) {
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
		n, err = Withdraw(ctx, tx, id, at)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cancel deliveries of edition %d: %w", id, err)
	}
	return n, nil
}

// Withdraw takes a cancelled edition's readers out of the queue; see
// delivery.State.Withdrawn. The send ends with it, unless messages are on their way:
// then it ends when they are recorded. Twice does no harm.
func Withdraw(ctx context.Context, tx Tx, id int64, at time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = `+Suppressed+`, next_attempt = 0, at = $1
		WHERE edition_id = $2 AND state IN (`+Unsent+`)`, column.Millis(at), id)
	if err != nil {
		return 0, err
	}
	c, err := tx.Dialect().Counts(ctx, tx, id)
	if err != nil || c.Open() > 0 {
		return n, err
	}
	_, err = tx.Exec(ctx, `UPDATE sends SET finished_at = $1 WHERE edition_id = $2 AND finished_at = 0`, column.Millis(at), id)
	return n, err
}

// FinishSend marks an edition sent when nothing of it is open; see delivery.Queue. Of
// several senders who do so at once the first one does it.
func FinishSend(ctx context.Context, tx Tx, id int64, at time.Time) (finished bool, err error) {
	c, err := tx.Dialect().Counts(ctx, tx, id)
	if err != nil || c.Open() > 0 {
		return false, err
	}
	before := edition.Sending
	_, err = ChangeEdition(ctx, tx, id, func(e edition.Edition) (edition.Edition, error) {
		if before = e.State; before == edition.Sent {
			return e, nil
		}
		return e.Finish(at)
	})
	if err != nil || before == edition.Sent {
		return err == nil, err
	}
	if err := SuppressAtEnd(ctx, tx, id, at); err != nil {
		return false, err
	}
	if err := AddSendNotice(ctx, tx, id, "", at); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE sends SET finished_at = $1 WHERE edition_id = $2`, column.Millis(at), id)
	return err == nil, err
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
