package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/cursor"
)

// Columns and source of a claim; who is no longer on the list has NULLs.
const (
	claimColumns = `
		SELECT d.subscriber_id,
		       d.attempts,
		       d.dots,
		       d.variant,
		       d.since,
		       substr(d.reply, 1, 1) = '5',
		       COALESCE(s.email, ''),
		       COALESCE(s.name, ''),
		       s.token,
		       COALESCE(s.status = ` + statusActive + ` AND s.suppressed = ` + notSuppressed + `, 0)
		FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1`
	claimQueued = ` AND d.state = ` + stateQueued + ` AND d.subscriber_id > ?2`
	claimDue    = ` AND d.state = ` + stateDeferred + ` AND d.next_attempt <= ?2`
	// Who was refused and put back is last in line.
	claimFirst  = ` AND substr(reply, 1, 1) <> '5'`
	claimDomain = `substr(s.email, instr(s.email, '@') + 1)`
)

// Claim takes deliveries into the sender's hand; see delivery.Queue.
func (q *queue) Claim(ctx context.Context, c delivery.Claim) (delivery.Claims, error) {
	out, err := q.claimNext(ctx, c)
	if err != nil {
		return delivery.Claims{}, fmt.Errorf("claim deliveries of edition %d: %w", q.sender.Edition, err)
	}
	out.More = q.list.More()
	if len(c.Only) > 0 {
		out.More = len(out.Recipients) > 0
	}
	return out, nil
}

// claimNext claims what is due, else what is queued: it looks on until it finds
// some or the list ends.
func (q *queue) claimNext(ctx context.Context, c delivery.Claim) (delivery.Claims, error) {
	if !c.Due.IsZero() {
		b, err := q.batch(ctx, c, 0)
		if err != nil || len(b.out.Recipients) > 0 || b.out.Suppressed > 0 {
			return b.out, err
		}
	}
	if len(c.Only) > 0 { // beside the way through the list
		c.Due = time.Time{}
		b, err := q.batch(ctx, c, 0)
		return b.out, err
	}
	for q.list.GoOn(c.Skip, c.At) {
		c.Due = time.Time{}
		b, err := q.batch(ctx, c, q.list.After)
		if err != nil {
			return b.out, err
		}
		q.list.Advance(c, b.Batch)
		if len(b.out.Recipients) > 0 || b.out.Suppressed > 0 {
			return b.out, nil
		}
	}
	return delivery.Claims{From: delivery.Queued}, nil
}

func (q *queue) batch(ctx context.Context, c delivery.Claim, after int64) (batch, error) {
	var out batch
	err := q.held(ctx, func(tx *sql.Tx) error {
		b := batch{tx: tx, sender: q.sender, c: c, after: after, all: q.list.Behind || len(c.Only) > 0}
		err := b.run(ctx)
		out = b
		return err
	})
	if err != nil {
		return batch{}, err
	}
	return out, nil
}

// A batch is one transaction of a claim.
type batch struct {
	tx     *sql.Tx
	sender delivery.Sender
	c      delivery.Claim
	after  int64  // queued: only subscribers with a greater id
	skip   string // c.Skip as JSON
	gone   []int64
	out    delivery.Claims

	all bool // whoever was refused before too
	cursor.Batch
}

func (b *batch) run(ctx context.Context) error {
	var err error
	if b.skip, err = marshalled(b.c.Skip); err != nil {
		return err
	}
	b.out.From = delivery.Queued
	if b.due() {
		b.out.From = delivery.Deferred
	}
	if err := b.read(ctx); err != nil {
		return err
	}
	if err := b.findSkipped(ctx); err != nil {
		return err
	}
	for _, id := range b.gone {
		if err := b.move(ctx, id, delivery.Suppressed); err != nil {
			return err
		}
	}
	b.out.Suppressed = int64(len(b.gone))
	return b.claim(ctx)
}

func (b *batch) due() bool { return !b.c.Due.IsZero() }

func (b *batch) read(ctx context.Context) error {
	query, from, order := claimColumns+claimQueued, b.after, ` ORDER BY d.subscriber_id LIMIT ?3`
	if b.due() {
		query, from, order = claimColumns+claimDue, toMillis(b.c.Due), ` ORDER BY d.next_attempt LIMIT ?3`
	}
	args := []any{b.sender.Edition, from, b.c.Limit}
	if len(b.c.Skip) > 0 {
		query += ` AND COALESCE(` + claimDomain + `, '') NOT IN (SELECT value FROM json_each(?4))`
		args = append(args, b.skip)
	}
	if len(b.c.Only) > 0 && !b.due() {
		only, err := marshalled(b.c.Only)
		if err != nil {
			return err
		}
		args = append(args, only)
		query += fmt.Sprintf(` AND d.subscriber_id IN (SELECT value FROM json_each(?%d))`, len(args))
	}
	rows, err := b.tx.QueryContext(ctx, query+order, args...)
	if err != nil {
		return err
	}
	b.Last, b.out.Recipients = b.after, make([]delivery.Recipient, 0, b.c.Limit)
	n := 0
	for rows.Next() {
		n++
		if err := b.scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	b.End = n < b.c.Limit
	return errors.Join(rows.Err(), rows.Close())
}

func (b *batch) scan(rows *sql.Rows) error {
	var r delivery.Recipient
	var since int64
	var token sql.RawBytes
	var may bool
	err := rows.Scan(&r.ID, &r.Attempts, &r.Dots, &r.Variant, &since, &r.Refused, &r.Email, &r.Name, &token, &may)
	if err != nil {
		return err
	}
	b.Last = r.ID
	if may && r.Refused && !b.all && !b.due() {
		b.Behind = true
		return nil
	}
	if !may || len(token) != len(r.Token) {
		b.gone = append(b.gone, r.ID)
		return nil
	}
	copy(r.Token[:], token)
	r.Since = fromMillis(since)
	b.out.Recipients = append(b.out.Recipients, r)
	return nil
}

// findSkipped finds the first delivery that Skip left behind in the range that
// was read.
func (b *batch) findSkipped(ctx context.Context) error {
	if len(b.c.Skip) == 0 || len(b.c.Only) > 0 || b.due() {
		return nil
	}
	upTo := b.Last
	if b.End {
		upTo = 1<<63 - 1
	}
	err := b.tx.QueryRowContext(ctx, `
		SELECT d.subscriber_id
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1`+claimQueued+` AND d.subscriber_id <= ?3
		  AND `+claimDomain+` IN (SELECT value FROM json_each(?4))
		ORDER BY d.subscriber_id LIMIT 1`,
		b.sender.Edition, b.after, upTo, b.skip).Scan(&b.Skipped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// claim marks what was read as claimed: a range in one statement, else row by
// row.
func (b *batch) claim(ctx context.Context) error {
	if len(b.c.Skip)+len(b.c.Only) == 0 && !b.due() {
		query := `
			UPDATE deliveries SET state = ` + stateClaimed + `, epoch = ?
			WHERE edition_id = ? AND subscriber_id > ? AND subscriber_id <= ? AND state = ` + stateQueued
		if !b.all {
			query += claimFirst
		}
		_, err := b.tx.ExecContext(ctx, query,
			b.sender.Epoch, b.sender.Edition, b.after, b.Last)
		return err
	}
	for i := range b.out.Recipients {
		if err := b.move(ctx, b.out.Recipients[i].ID, delivery.Claimed); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) move(ctx context.Context, id int64, to delivery.State) error {
	_, err := b.tx.ExecContext(ctx, `
		UPDATE deliveries SET state = ?, epoch = ?, at = ?
		WHERE edition_id = ? AND subscriber_id = ? AND state IN (`+stateQueued+`, `+stateDeferred+`)`,
		int(to), b.sender.Epoch, toMillis(b.c.At), b.sender.Edition, id)
	return err
}
