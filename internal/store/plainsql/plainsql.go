// Package plainsql is the SQL that every store of the program says in the same
// words: editions, and what is read and settled of their deliveries. What a
// database does in its own way (how it freezes, claims and records, what the
// leases are) is its own package's, as is the schema; the conformance suites hold
// both to the same promise.
//
// Placeholders are $1, $2 in the order in which they appear, which SQLite and
// PostgreSQL both take. Times are as package column keeps them.
package plainsql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// A DB runs transactions: Write to change something, Read on one snapshot; Look is
// for a single query, which needs none. What is done with the context that Within
// gives is one transaction. fn may run several times: it must not add to what an
// earlier run gave.
type DB struct {
	Write  func(ctx context.Context, fn func(Tx) error) error
	Read   func(ctx context.Context, fn func(Tx) error) error
	Look   func(ctx context.Context, fn func(Tx) error) error
	Within func(ctx context.Context, fn func(context.Context) error) error
	// Casts and Queued share commits among the votes and sign-ups that come at once.
	// QueueGroup is how a group of the latter is kept; nil: as QueueSignUps does.
	Casts      *group.Group[votes.Vote]
	Queued     *group.Group[QueuedRow]
	QueueGroup func(context.Context, []*group.Member[QueuedRow]) error
}

// Together is Within; see edition.Transactor.
func (db DB) Together(ctx context.Context, fn func(context.Context) error) error {
	return db.Within(ctx, fn)
}

// A Tx is a transaction. sql.ErrNoRows is what a row that is not there gives.
type Tx interface {
	// Exec gives how many rows it has changed.
	Exec(ctx context.Context, query string, args ...any) (changed int64, err error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
	Dialect() *Dialect
}

// Rows are a query's; see sql.Rows.
type Rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
	Close() error
}

// A Row is a query's only one.
type Row interface{ Scan(into ...any) error }

// A Dialect is where the databases' words differ.
type Dialect struct {
	// Like compares a text with a pattern, whatever the case of its letters.
	Like string
	// Untake ends what an event was taken for, in an UPDATE's SET; "" where next_at
	// says it.
	Untake string
	// TakeEvent takes the event of the outbox that has waited longest past its time,
	// if any, and gives its id, kind, version, subscriber_id, recipient, data,
	// attempts and created_at.
	TakeEvent func(ctx context.Context, tx Tx, now time.Time) Row
	// HeldSlot reads a slot's record, and keeps other nodes from it: a claim that
	// runs by the database's clock runs by now's.
	HeldSlot func(ctx context.Context, tx Tx, s schedule.Slot, now time.Time) (schedule.Record, error)
	// TakeSlot gives a slot to an owner for the time from now until then, and FreeSlot
	// ends that, in an UPDATE's SET.
	TakeSlot func(ctx context.Context, tx Tx, s schedule.Slot, owner string, now, until time.Time) error
	FreeSlot string
	// Reply is a server's reply as a delivery's row keeps it.
	Reply func(string) string
	// SendCounts is an edition's deliveries, $1, by relay and state: n of each, the
	// compacted ones among them.
	SendCounts string
	// SendDays has how many messages were intended a day, dots, in parts.
	SendDays string
	// Lives is the condition that a sender's lease l runs, at the time in a parameter
	// where the database has no clock for it.
	Lives func(parameter string) string
	// Lock ends a SELECT of rows e that the transaction is about to change; ""
	// where a transaction is alone anyway.
	Lock string
	// Hold is Lock for subscribers s, HoldRow for a table that is asked alone, HoldFree
	// for the rows of one that no other transaction holds.
	Hold, HoldRow, HoldFree string
	// HoldKey keeps the rows of a SELECT from being deleted or erased.
	HoldKey string
	// HoldLink is Lock for fresh links l and their subscribers s.
	HoldLink string
	// HoldAddress keeps other transactions from deciding on addresses until this one
	// ends. Whoever writes what depends on what is known of an address calls it
	// first, so that two nodes do not both find it unknown.
	HoldAddress func(ctx context.Context, tx Tx, list ...subscribers.Address) error
	// HoldAddresses is HoldAddress for all there are.
	HoldAddresses func(ctx context.Context, tx Tx) error
	// Bulk runs fn, which takes about so many subscribers out, in the way that is
	// fast for their number.
	Bulk func(ctx context.Context, tx Tx, rows int64, fn func() error) error
	// WithdrawReaders takes readers out of the queues of all sends.
	WithdrawReaders func(ctx context.Context, tx Tx, ids []int64) error
	// InsertVotes keeps votes, each in the place of the reader's earlier one.
	InsertVotes func(ctx context.Context, tx Tx, list []votes.Vote) error
	// Waiting is how many rows the queue of sign-ups has, which need not be exact
	// above most, and InsertSignUps adds some.
	Waiting       func(ctx context.Context, tx Tx, most int) (int, error)
	InsertSignUps func(ctx context.Context, tx Tx, rows []column.SignUp) error
	// Domain is the part of s.email after the "@".
	Domain string
	// Among is the condition that column is one of the numbers in a parameter, and
	// List makes that parameter.
	Among func(column, parameter string) string
	List  func(numbers []int64) (any, error)
	// HoldDays keeps other transactions from reserving parts of days; "" where a
	// transaction is alone anyway.
	HoldDays string
	// Fence fails with delivery.ErrLeaseLost unless the sender holds its lease.
	Fence func(ctx context.Context, tx Tx, s delivery.Sender) error
	// EndLapsed takes over the senders but s that have reserved a part of a day and
	// whose lease has run out at a time: they can intend nothing any more.
	EndLapsed func(ctx context.Context, tx Tx, s delivery.Sender, at time.Time) error
	// Counts counts an edition's deliveries by state.
	Counts func(ctx context.Context, tx Tx, edition int64) (delivery.Counts, error)
}

// each calls scan for every row of a query.
func each(ctx context.Context, tx Tx, scan func(Rows) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// wrap is err with what was done; nil stays nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// rowsOf reads the rows of a query; none is nil.
func rowsOf[T any](ctx context.Context, db DB, what string, scan func(Rows) (T, error), query string, args ...any) (list []T, err error) {
	err = db.Look(ctx, func(tx Tx) error {
		list = nil
		return each(ctx, tx, func(rows Rows) error {
			one, err := scan(rows)
			list = append(list, one)
			return err
		}, query, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}
