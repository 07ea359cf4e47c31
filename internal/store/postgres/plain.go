package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// plain gives the database to the SQL that every store says in the same words.
func (db *DB) plain() plainsql.DB {
	return plainsql.DB{
		Write: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			return db.inTx(ctx, func(tx pgx.Tx) error { return fn(plainTx{tx}) })
		},
		Read: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			return db.readTx(ctx, func(tx pgx.Tx) error { return fn(plainTx{tx}) })
		},
		Look: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			if tx := db.running(ctx); tx != nil {
				return fn(plainTx{tx})
			}
			return db.fault(fn(plainTx{db.pool}))
		},
		Within: db.Together,
		Casts:  &db.votes,
		Queued: &db.signUps,
	}
}

// plainTx is a transaction of PostgreSQL's, or the pool for a single query, as
// package plainsql wants it.
type plainTx struct{ runner }

type runner interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
	querier
}

// inside gives the transaction.
func inside(tx plainsql.Tx) runner { return tx.(plainTx).runner }

func (t plainTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.runner.Exec(ctx, query, texts(args)...)
	return tag.RowsAffected(), err
}

func (t plainTx) Query(ctx context.Context, query string, args ...any) (plainsql.Rows, error) {
	rows, err := t.runner.Query(ctx, query, texts(args)...)
	return plainRows{rows}, err
}

func (t plainTx) QueryRow(ctx context.Context, query string, args ...any) plainsql.Row {
	return t.runner.QueryRow(ctx, query, texts(args)...)
}

func (t plainTx) Dialect() *plainsql.Dialect { return &dialect }

type plainRows struct{ pgx.Rows }

func (r plainRows) Close() error {
	r.Rows.Close()
	return r.Err()
}

// forUpdate keeps others from changing a subscriber until the transaction ends.
const forUpdate = " FOR UPDATE OF s"

var dialect = plainsql.Dialect{
	Lock: ` FOR UPDATE OF e`,
	Hold: forUpdate, HoldRow: ` FOR UPDATE`, HoldFree: ` FOR UPDATE SKIP LOCKED`, HoldKey: ` FOR KEY SHARE`, HoldLink: ` FOR UPDATE OF s, l`,
	Like:       `ILIKE`,
	SendCounts: `(SELECT relay, state, n FROM counts_now WHERE edition_id = $1)`, SendDays: `days_now`,
	Lives: func(parameter string) string {
		return `l.expires_at > clock_timestamp() AND ` + parameter + `::bigint >= 0`
	},
	Reply: text,
	HoldAddress: func(ctx context.Context, tx plainsql.Tx, list ...subscribers.Address) error {
		return holdAddresses(ctx, inside(tx), list...)
	},
	Untake:   `, taken_until = NULL`,
	FreeSlot: `, taken_until = NULL`,
	HeldSlot: func(ctx context.Context, tx plainsql.Tx, s schedule.Slot, now time.Time) (r schedule.Record, err error) {
		var runs bool
		err = tx.QueryRow(ctx, `
			SELECT outcome, owner, coalesce(taken_until > clock_timestamp(), false) FROM schedule_slots
			WHERE kind = $1 AND week = $2 FOR UPDATE`, string(s.Kind), s.Week.String()).Scan(&r.Outcome, &r.Owner, &runs)
		if runs {
			r.Until = now.Add(time.Minute)
		}
		return r, err
	},
	TakeSlot: func(ctx context.Context, tx plainsql.Tx, s schedule.Slot, owner string, now, until time.Time) error {
		_, err := tx.Exec(ctx, `
			UPDATE schedule_slots SET slot = $1, owner = $2, taken_until = clock_timestamp() + $3 WHERE kind = $4 AND week = $5`,
			column.Millis(s.At), owner, until.Sub(now), string(s.Kind), s.Week.String())
		return err
	},
	// The lease is by the database's clock: couriers whose clocks differ do not take
	// each other's.
	TakeEvent: func(ctx context.Context, tx plainsql.Tx, now time.Time) plainsql.Row {
		return tx.QueryRow(ctx, `
			UPDATE outbox SET attempts = attempts + 1, taken_until = clock_timestamp() + $1
			WHERE id = (SELECT id FROM outbox
				WHERE state = 0 AND next_at <= $2 AND (taken_until IS NULL OR taken_until <= clock_timestamp())
				ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING id, kind, version, subscriber_id, recipient, data, attempts, created_at`,
			outbox.Lease, column.Millis(now))
	},
	HoldAddresses: func(ctx context.Context, tx plainsql.Tx) error { return holdEveryAddress(ctx, inside(tx)) },
	Bulk:          func(_ context.Context, _ plainsql.Tx, _ int64, fn func() error) error { return fn() },
	WithdrawReaders: func(ctx context.Context, tx plainsql.Tx, ids []int64) error {
		return withdrawReaders(ctx, inside(tx), ids)
	},
	InsertVotes: insertVotes,
	Waiting:     waitingSignUps, InsertSignUps: insertSignUps,
	Domain:   domainOf,
	Among:    func(column, parameter string) string { return column + ` = ANY (` + parameter + `)` },
	List:     func(numbers []int64) (any, error) { return numbers, nil },
	HoldDays: `LOCK TABLE day_reservations IN SHARE ROW EXCLUSIVE MODE`,
	Fence: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender) error {
		return holdsLease(ctx, inside(tx), s)
	},
	EndLapsed: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender, at time.Time) error {
		return endLapsed(ctx, inside(tx), s, at)
	},
	Counts: func(ctx context.Context, tx plainsql.Tx, edition int64) (delivery.Counts, error) {
		return counts(ctx, inside(tx), edition)
	},
}
