package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
)

var _ delivery.Quotas = Quotas{}

// Quotas are what the senders of every node have of the limits that all share.
type Quotas struct{ db *DB }

// Quotas gives the database's quotas.
func (db *DB) Quotas() Quotas { return Quotas{db} }

// Settle keeps what a sender has, for lasts by the server's clock; see
// delivery.Quotas.
func (q Quotas) Settle(ctx context.Context, s delivery.Sender, lasts time.Duration, decide func(delivery.Standing) delivery.Standing) error {
	err := q.db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE send_quotas IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		others, err := standing(ctx, tx, s)
		if err != nil {
			return err
		}
		return keepStanding(ctx, tx, s, lasts, decide(others))
	})
	if err != nil {
		return fmt.Errorf("divide the limits of all senders: %w", err)
	}
	return nil
}

// standing is what the others have; what has expired is dropped.
func standing(ctx context.Context, tx pgx.Tx, s delivery.Sender) (others delivery.Standing, err error) {
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&others.At); err != nil {
		return others, err
	}
	for _, table := range []string{"send_quotas", "send_rests"} {
		_, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE edition_id = $1 AND epoch = $2 OR expires_at <= $3`, s.Edition, s.Epoch, others.At)
		if err != nil {
			return others, err
		}
	}
	rows, err := tx.Query(ctx, `SELECT edition_id, epoch, node, what, held, want FROM send_quotas`)
	others.Quotas, err = collect(rows, err, func(row pgx.CollectableRow) (q delivery.Quota, err error) {
		return q, row.Scan(&q.Sender.Edition, &q.Sender.Epoch, &q.Sender.Node, &q.Limit, &q.Held, &q.Want)
	})
	if err != nil {
		return others, err
	}
	rows, err = tx.Query(ctx, `SELECT edition_id, epoch, node, domain, gap, next_at FROM send_rests`)
	others.Rests, err = collect(rows, err, func(row pgx.CollectableRow) (r delivery.Rest, err error) {
		var gap int64
		var next time.Time
		err = row.Scan(&r.Sender.Edition, &r.Sender.Epoch, &r.Sender.Node, &r.Domain, &gap, &next)
		r.Gap, r.For = time.Duration(gap)*time.Millisecond, max(next.Sub(others.At), 0)
		return r, err
	})
	return others, err
}

func keepStanding(ctx context.Context, tx pgx.Tx, s delivery.Sender, lasts time.Duration, own delivery.Standing) error {
	var b pgx.Batch
	for _, q := range own.Quotas {
		b.Queue(`
			INSERT INTO send_quotas (edition_id, epoch, node, what, held, want, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7)`,
			s.Edition, s.Epoch, s.Node, text(q.Limit), q.Held, q.Want, lasts)
	}
	for _, r := range own.Rests {
		b.Queue(`
			INSERT INTO send_rests (edition_id, epoch, node, domain, gap, next_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6, clock_timestamp() + $7)`,
			s.Edition, s.Epoch, s.Node, text(r.Domain), r.Gap.Milliseconds(), r.For, lasts)
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &b).Close()
}

// Leave gives back what a sender has.
func (q Quotas) Leave(ctx context.Context, s delivery.Sender) error {
	err := q.db.inTx(ctx, func(tx pgx.Tx) error {
		for _, table := range []string{"send_quotas", "send_rests"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE edition_id = $1 AND epoch = $2`, s.Edition, s.Epoch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give back a part of the limits: %w", err)
	}
	return nil
}
