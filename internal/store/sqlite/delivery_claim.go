package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/delivery"
)

// Columns and source of a claim; who is no longer on the list has NULLs.
const (
	claimColumns = `
		SELECT d.subscriber_id,
		       d.attempts,
		       d.dots,
		       d.since,
		       substr(d.reply, 1, 1) = '5',
		       COALESCE(s.email, ''),
		       COALESCE(s.name, ''),
		       s.token,
		       COALESCE(s.status = 1 AND s.suppressed = 0, 0)
		FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1`
	claimQueued = ` AND d.state = 0 AND d.subscriber_id > ?2`
	claimDue    = ` AND d.state = 4 AND d.next_attempt <= ?2`
	claimDomain = `substr(s.email, instr(s.email, '@') + 1)`
)

// ClaimDeliveries takes deliveries into the sender's hand; see delivery.Queue.
func (db *DB) ClaimDeliveries(ctx context.Context, q delivery.ClaimQuery) (delivery.Claims, error) {
	var out delivery.Claims
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		if err := requireLease(ctx, tx, q.Owner); err != nil {
			return err
		}
		c := claim{tx: tx, q: q}
		err := c.run(ctx)
		out = c.out
		return err
	})
	if err != nil {
		return delivery.Claims{}, fmt.Errorf("claim deliveries of edition %d: %w", q.Edition, err)
	}
	return out, nil
}

// A claim is one ClaimDeliveries in its transaction.
type claim struct {
	tx   *sql.Tx
	q    delivery.ClaimQuery
	skip string // q.Skip as JSON
	gone []int64
	out  delivery.Claims
}

func (c *claim) run(ctx context.Context) error {
	var err error
	if c.skip, err = marshalled(c.q.Skip); err != nil {
		return err
	}
	if err := c.read(ctx); err != nil {
		return err
	}
	if err := c.findSkipped(ctx); err != nil {
		return err
	}
	for _, id := range c.gone {
		if err := c.move(ctx, id, delivery.Suppressed); err != nil {
			return err
		}
	}
	c.out.Suppressed = int64(len(c.gone))
	return c.take(ctx)
}

func (c *claim) due() bool { return !c.q.Due.IsZero() }

func (c *claim) read(ctx context.Context) error {
	query, from, order := claimColumns+claimQueued, c.q.After, ` ORDER BY d.subscriber_id LIMIT ?3`
	if c.due() {
		query, from, order = claimColumns+claimDue, toMillis(c.q.Due), ` ORDER BY d.next_attempt LIMIT ?3`
	}
	args := []any{c.q.Edition, from, c.q.Limit}
	if len(c.q.Skip) > 0 {
		query += ` AND COALESCE(` + claimDomain + `, '') NOT IN (SELECT value FROM json_each(?4))`
		args = append(args, c.skip)
	}
	rows, err := c.tx.QueryContext(ctx, query+order, args...)
	if err != nil {
		return err
	}
	c.out.Last = c.q.After
	n := 0
	for rows.Next() {
		n++
		if err := c.scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	c.out.End = n < c.q.Limit
	return errors.Join(rows.Err(), rows.Close())
}

func (c *claim) scan(rows *sql.Rows) error {
	var r delivery.Recipient
	var since int64
	var token sql.RawBytes
	var mailable bool
	err := rows.Scan(&r.ID, &r.Attempts, &r.Dots, &since, &r.Refused, &r.Email, &r.Name, &token, &mailable)
	if err != nil {
		return err
	}
	c.out.Last = r.ID
	if !mailable || len(token) != len(r.Token) {
		c.gone = append(c.gone, r.ID)
		return nil
	}
	copy(r.Token[:], token)
	r.Since = fromMillis(since)
	c.out.Recipients = append(c.out.Recipients, r)
	return nil
}

// findSkipped finds the first delivery that Skip left behind in the range that
// was read.
func (c *claim) findSkipped(ctx context.Context) error {
	if len(c.q.Skip) == 0 || c.due() {
		return nil
	}
	upTo := c.out.Last
	if c.out.End {
		upTo = 1<<63 - 1
	}
	err := c.tx.QueryRowContext(ctx, `
		SELECT d.subscriber_id
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1`+claimQueued+` AND d.subscriber_id <= ?3
		  AND `+claimDomain+` IN (SELECT value FROM json_each(?4))
		ORDER BY d.subscriber_id LIMIT 1`,
		c.q.Edition, c.q.After, upTo, c.skip).Scan(&c.out.Skipped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// take marks what was read as claimed: a range in one statement, else row by
// row.
func (c *claim) take(ctx context.Context) error {
	if len(c.q.Skip) == 0 && !c.due() {
		_, err := c.tx.ExecContext(ctx, `
			UPDATE deliveries SET state = 1
			WHERE edition_id = ? AND subscriber_id > ? AND subscriber_id <= ? AND state = 0`,
			c.q.Edition, c.q.After, c.out.Last)
		return err
	}
	for i := range c.out.Recipients {
		if err := c.move(ctx, c.out.Recipients[i].ID, delivery.Claimed); err != nil {
			return err
		}
	}
	return nil
}

func (c *claim) move(ctx context.Context, id int64, to delivery.State) error {
	_, err := c.tx.ExecContext(ctx, `
		UPDATE deliveries SET state = ?, at = ?
		WHERE edition_id = ? AND subscriber_id = ? AND state IN (0, 4)`,
		int(to), toMillis(c.q.At), c.q.Edition, id)
	return err
}
