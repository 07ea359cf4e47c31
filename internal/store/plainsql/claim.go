package plainsql

import (
	"context"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/cursor"
	"verdicts.example/digest/subscribers"
)

// ClaimColumns are the columns of a claim, of deliveries d and their subscribers s;
// who was erased has NULLs.
const ClaimColumns = `
	SELECT d.subscriber_id,
	       d.attempts,
	       d.dots,
	       d.variant,
	       d.since,
	       substr(d.reply, 1, 1),
	       COALESCE(s.email, ''),
	       COALESCE(s.name, ''),
	       s.token,
	       COALESCE(s.status, ` + StatusPending + `),
	       COALESCE(s.suppressed, ` + NotSuppressed + `)`

// A ClaimRead is what one look into the queue has found.
type ClaimRead struct {
	Recipients []delivery.Recipient
	Gone       []int64 // who may not be mailed any more
	cursor.Batch
}

// ReadClaim reads at most limit rows of ClaimColumns, in a pass through the queue
// that has come to after; nil: whoever they are, it is their turn.
func ReadClaim(ctx context.Context, tx Tx, pass *cursor.Cursor, after int64, limit int, query string, args ...any) (ClaimRead, error) {
	read, n := ClaimRead{Recipients: make([]delivery.Recipient, 0, limit), Batch: cursor.Batch{Last: after}}, 0
	err := each(ctx, tx, func(rows Rows) error {
		n++
		return read.take(pass, rows)
	}, query, args...)
	read.End = n < limit
	return read, err
}

func (b *ClaimRead) take(pass *cursor.Cursor, row Row) error {
	var r delivery.Recipient
	var s subscribers.Subscriber
	var since int64
	var reply string
	var token []byte
	err := row.Scan(&r.ID, &r.Attempts, &r.Dots, &r.Variant, &since, &reply, &r.Email, &r.Name, &token, &s.Status, &s.Suppressed)
	if err != nil {
		return err
	}
	b.Last, r.Refused = r.ID, delivery.Refused(reply)
	switch {
	case !s.Mailable() || len(token) != len(r.Token):
		b.Gone = append(b.Gone, r.ID)
	case !pass.Turn(r):
		b.Behind = true
	default:
		copy(r.Token[:], token)
		r.Since = column.Time(since)
		b.Recipients = append(b.Recipients, r)
	}
	return nil
}
