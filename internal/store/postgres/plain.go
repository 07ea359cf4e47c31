package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/outbox"
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
		Within: db.Together,
	}
}

// Editions gives the database's editions.
func (db *DB) Editions() plainsql.Editions { return plainsql.Editions{DB: db.plain()} }

// Desk gives the records of what editors do.
func (db *DB) Desk() plainsql.Desk { return plainsql.Desk{DB: db.plain()} }

// Editors gives the links and sessions of the desk.
func (db *DB) Editors() plainsql.Editors { return plainsql.Editors{DB: db.plain()} }

// ComposeLogin makes the link of an event that waits; see plainsql.
func (o Outbox) ComposeLogin(ctx context.Context, e outbox.Event, next string, at time.Time) (string, error) {
	return o.db.plain().ComposeLogin(ctx, e, next, at)
}

// Saved gives the readers' saved comparisons.
func (db *DB) Saved() plainsql.Saved { return plainsql.Saved{DB: db.plain()} }

// plainTx is a transaction of PostgreSQL's as package plainsql wants it.
type plainTx struct{ pgx.Tx }

func (t plainTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	for i, a := range args {
		if words, ok := a.(string); ok {
			args[i] = text(words)
		}
	}
	return run(ctx, t.Tx, query, args...)
}

func (t plainTx) Query(ctx context.Context, query string, args ...any) (plainsql.Rows, error) {
	rows, err := t.Tx.Query(ctx, query, args...)
	return plainRows{rows}, err
}

func (t plainTx) QueryRow(ctx context.Context, query string, args ...any) plainsql.Row {
	return t.Tx.QueryRow(ctx, query, args...)
}

func (t plainTx) Dialect() *plainsql.Dialect { return &dialect }

type plainRows struct{ pgx.Rows }

func (r plainRows) Close() error {
	r.Rows.Close()
	return r.Err()
}

var dialect = plainsql.Dialect{
	Lock: ` FOR UPDATE OF e`,
	Hold: forUpdate, HoldRow: ` FOR UPDATE`,
	HoldAddress: func(ctx context.Context, tx plainsql.Tx, a subscribers.Address) error {
		return holdAddresses(ctx, tx.(plainTx).Tx, a)
	},
	HoldAddresses: func(ctx context.Context, tx plainsql.Tx) error { return holdEveryAddress(ctx, tx.(plainTx).Tx) },
	Bulk:          func(_ context.Context, _ plainsql.Tx, _ int64, fn func() error) error { return fn() },
	WithdrawReaders: func(ctx context.Context, tx plainsql.Tx, ids []int64) error {
		return withdrawReaders(ctx, tx.(plainTx).Tx, ids...)
	},
	Domain:   domainOf,
	Among:    func(column, parameter string) string { return column + ` = ANY (` + parameter + `)` },
	List:     func(numbers []int64) (any, error) { return numbers, nil },
	HoldDays: `LOCK TABLE day_reservations IN SHARE ROW EXCLUSIVE MODE`,
	Fence: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender) error {
		return fence(ctx, tx.(plainTx).Tx, s)
	},
	EndLapsed: func(ctx context.Context, tx plainsql.Tx, s delivery.Sender, at time.Time) error {
		return endLapsed(ctx, tx.(plainTx).Tx, s, at)
	},
	Withdraw: func(ctx context.Context, tx plainsql.Tx, edition, at int64) (int64, error) {
		return withdrawDeliveries(ctx, tx.(plainTx).Tx, edition, column.Time(at))
	},
}

// Figures gives what became of editions, and what editors saw of them.
func (db *DB) Figures() plainsql.Figures { return plainsql.Figures{DB: db.plain()} }

// LeaveReasons gives the counts of why readers left.
func (db *DB) LeaveReasons() plainsql.LeaveReasons { return plainsql.LeaveReasons{DB: db.plain()} }

// Notices gives what people are still to be told of sends.
func (db *DB) Notices() plainsql.Notices { return plainsql.Notices{DB: db.plain()} }
