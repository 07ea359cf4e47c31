package sqlite

import (
	"context"
	"database/sql"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// plain gives the database to the SQL that every store says in the same words.
func (db *DB) plain() plainsql.DB {
	return plainsql.DB{
		Write: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			return db.inTx(ctx, func(tx *sql.Tx) error { return fn(plainTx{tx}) })
		},
		Read: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			return db.readTx(ctx, func(tx *sql.Tx) error { return fn(plainTx{tx}) })
		},
		Look: func(ctx context.Context, fn func(plainsql.Tx) error) error {
			if tx := db.running(ctx); tx != nil {
				return db.fault(fn(plainTx{tx}))
			}
			return db.fault(fn(plainTx{db.r}))
		},
		Within:     db.Together,
		Casts:      &db.votes,
		Queued:     &db.signUps,
		QueueGroup: db.queueSignUps,
	}
}

// plainTx is a transaction of SQLite's, or the pool for a single query, as package
// plainsql wants it.
type plainTx struct{ runner }

type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	querier
}

// inside gives the transaction.
func inside(tx plainsql.Tx) *sql.Tx { return tx.(plainTx).runner.(*sql.Tx) }

func (t plainTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return changed(t.ExecContext(ctx, query, args...))
}

func (t plainTx) Query(ctx context.Context, query string, args ...any) (plainsql.Rows, error) {
	return t.QueryContext(ctx, query, args...)
}

func (t plainTx) QueryRow(ctx context.Context, query string, args ...any) plainsql.Row {
	return t.QueryRowContext(ctx, query, args...)
}

func (t plainTx) Dialect() *plainsql.Dialect { return &dialect }

var dialect = plainsql.Dialect{
	Like:     "LIKE",
	SendDays: `send_days`,
	SendCounts: `(
		SELECT relay, state, count(*) AS n FROM deliveries WHERE edition_id = $1 GROUP BY relay, state
		UNION ALL
		SELECT relay, state, deliveries FROM send_totals WHERE edition_id = $1)`,
	Lives:         func(parameter string) string { return `l.expires_at > ` + parameter },
	Reply:         padReply,
	HoldAddress:   func(context.Context, plainsql.Tx, ...subscribers.Address) error { return nil }, // a write is alone
	HoldAddresses: func(context.Context, plainsql.Tx) error { return nil },
	TakeEvent: func(ctx context.Context, tx plainsql.Tx, now time.Time) plainsql.Row {
		return tx.QueryRow(ctx, `
			UPDATE outbox SET attempts = attempts + 1, next_at = $1
			WHERE id = (SELECT id FROM outbox WHERE state = 0 AND next_at <= $2 ORDER BY next_at, id LIMIT 1)
			RETURNING id, kind, version, subscriber_id, recipient, data, attempts, created_at`,
			toMillis(now.Add(outbox.Lease)), toMillis(now))
	},
	Bulk: func(ctx context.Context, tx plainsql.Tx, rows int64, fn func() error) error {
		return withoutIndexes(ctx, inside(tx), rows, fn)
	},
	WithdrawReaders: withdrawReaders,
	HeldSlot: func(ctx context.Context, tx plainsql.Tx, s schedule.Slot, _ time.Time) (r schedule.Record, err error) {
		var until int64
		err = tx.QueryRow(ctx, `SELECT outcome, owner, lease_until FROM schedule_slots WHERE kind = $1 AND week = $2`,
			string(s.Kind), s.Week.String()).Scan(&r.Outcome, &r.Owner, &until)
		r.Until = fromMillis(until)
		return r, err
	},
	TakeSlot: func(ctx context.Context, tx plainsql.Tx, s schedule.Slot, owner string, _, until time.Time) error {
		_, err := tx.Exec(ctx, `UPDATE schedule_slots SET slot = $1, owner = $2, lease_until = $3 WHERE kind = $4 AND week = $5`,
			toMillis(s.At), owner, toMillis(until), string(s.Kind), s.Week.String())
		return err
	},
	FreeSlot:    `, lease_until = 0`,
	InsertVotes: insertVotes,
	Waiting:     waitingSignUps, InsertSignUps: insertSignUps,
	Domain: claimDomain,
	Among: func(column, parameter string) string {
		return column + ` IN (SELECT value FROM json_each(` + parameter + `))`
	},
	List: func(numbers []int64) (any, error) { return marshalled(numbers) },
	Fence: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender) error {
		return requireLease(ctx, inside(tx), s)
	},
	EndLapsed: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender, at time.Time) error {
		return endLapsed(ctx, inside(tx), s, at)
	},
	Counts: counts,
}

// A querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
