package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/cursor"
	"verdicts.example/digest/internal/store/plainsql"
)

// The source of a claim's columns, and which of it.
const (
	claimSource = `
		FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1`
	claimQueued = ` AND d.state = ` + stateQueued + ` AND d.subscriber_id > ?2`
	claimDue    = ` AND d.state = ` + stateDeferred + ` AND d.next_attempt <= ?2`
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
		b, err := q.batch(ctx, c, nil)
		if err != nil || len(b.out.Recipients) > 0 || b.out.Suppressed > 0 {
			return b.out, err
		}
	}
	if len(c.Only) > 0 { // beside the way through the list
		c.Due = time.Time{}
		b, err := q.batch(ctx, c, nil)
		return b.out, err
	}
	for q.list.GoOn(c.Skip, c.At) {
		c.Due = time.Time{}
		b, err := q.batch(ctx, c, &q.list)
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

func (q *queue) batch(ctx context.Context, c delivery.Claim, pass *cursor.Cursor) (batch, error) {
	var out batch
	err := q.held(ctx, func(tx *sql.Tx) error {
		b := batch{tx: tx, sender: q.sender, c: c, pass: pass}
		if pass != nil {
			b.after = pass.After
		}
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
	pass   *cursor.Cursor // through the list; nil: what is due, or named
	after  int64          // queued: only subscribers with a greater id
	skip   string         // c.Skip as JSON
	out    delivery.Claims
	plainsql.ClaimRead
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
	for _, id := range b.Gone {
		if err := b.move(ctx, id, delivery.Suppressed); err != nil {
			return err
		}
	}
	b.out.Suppressed = int64(len(b.Gone))
	return b.claim(ctx)
}

func (b *batch) due() bool { return !b.c.Due.IsZero() }

func (b *batch) read(ctx context.Context) error {
	query, from, order := plainsql.ClaimColumns+claimSource+claimQueued, b.after, ` ORDER BY d.subscriber_id LIMIT ?3`
	if b.due() {
		query, from, order = plainsql.ClaimColumns+claimSource+claimDue, toMillis(b.c.Due), ` ORDER BY d.next_attempt LIMIT ?3`
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
	var err error
	b.ClaimRead, err = plainsql.ReadClaim(ctx, plainTx{b.tx}, b.pass, b.after, b.c.Limit, query+order, args...)
	b.out.Recipients = b.Recipients
	return err
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

// claim marks what was read as claimed: a whole range in one statement, else row by
// row.
func (b *batch) claim(ctx context.Context) error {
	if b.pass != nil && len(b.c.Skip) == 0 && !b.Behind {
		_, err := b.tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateClaimed+`, epoch = ?
			WHERE edition_id = ? AND subscriber_id > ? AND subscriber_id <= ? AND state = `+stateQueued,
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
