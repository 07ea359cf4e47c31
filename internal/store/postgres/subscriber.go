package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// Subscribers are the database's list.
type Subscribers struct {
	plainsql.Imports
	db *DB
}

var _ subscribers.List = Subscribers{}

// Subscribers gives the list.
func (db *DB) Subscribers() Subscribers { return Subscribers{db.plain().Imports(), db} }

// subscriberColumns are what column.Subscriber scans, in order.
const subscriberColumns = `
	s.id,
	s.email,
	s.name,
	s.status,
	s.suppressed,
	s.token,
	s.categories,
	s.source,
	s.created_at,
	s.confirmed_at,
	s.left_at,
	s.paused_until`

// onList leaves out who was erased.
const onList = "s.email <> ''"

// forUpdate keeps others from changing a subscriber until the transaction ends.
const forUpdate = " FOR UPDATE OF s"

// ByKey finds an address on the list.
func (list Subscribers) ByKey(ctx context.Context, key string) (subscribers.Subscriber, error) {
	return list.find(ctx, "s.email_key = $1 AND "+onList, key)
}

// ByToken finds whose unsubscribe token it is.
func (list Subscribers) ByToken(ctx context.Context, t subscribers.Token) (subscribers.Subscriber, error) {
	return list.find(ctx, "s.token = $1 AND "+onList, t[:])
}

// ByID finds a subscriber.
func (list Subscribers) ByID(ctx context.Context, id int64) (subscribers.Subscriber, error) {
	return list.find(ctx, "s.id = $1 AND "+onList, id)
}

func (list Subscribers) find(ctx context.Context, where string, arg any) (subscribers.Subscriber, error) {
	s, err := subscriberWhere(ctx, list.db.pool, where, arg)
	return s, list.db.fault(err)
}

// Secret gives the database's secret.
func (list Subscribers) Secret(ctx context.Context) ([]byte, error) { return list.db.Secret(ctx) }

// heldSubscriber finds a subscriber and keeps others from changing them.
func heldSubscriber(ctx context.Context, tx pgx.Tx, id int64) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, tx, "s.id = $1 AND "+onList+forUpdate, id)
}

func subscriberWhere(ctx context.Context, q querier, where string, arg any) (subscribers.Subscriber, error) {
	s, err := column.Subscriber(q.QueryRow(ctx, "SELECT "+subscriberColumns+" FROM subscribers s WHERE "+where, arg).Scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return subscribers.Subscriber{}, subscribers.ErrNotFound
	}
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("read subscriber: %w", err)
	}
	return s, nil
}

// standingSQL are the standings as conditions; none of them takes in who was
// erased.
func standingSQL(st subscribers.Standing) (string, error) {
	status := map[subscribers.Standing]subscribers.Status{
		subscribers.StandsActive:       subscribers.Active,
		subscribers.StandsPending:      subscribers.Pending,
		subscribers.StandsUnsubscribed: subscribers.Unsubscribed,
	}
	if want, ok := status[st]; ok {
		return fmt.Sprintf("s.suppressed = %d AND s.status = %d AND %s", subscribers.NotSuppressed, want, onList), nil
	}
	switch st {
	case "":
		return onList, nil
	case subscribers.StandsSuppressed:
		return fmt.Sprintf("s.suppressed <> %d AND %s", subscribers.NotSuppressed, onList), nil
	}
	return "", fmt.Errorf("list subscribers: %q is not a status", st)
}

// List streams the subscribers that the filter picks.
func (list Subscribers) List(ctx context.Context, f subscribers.Filter) iter.Seq2[subscribers.Subscriber, error] {
	return func(yield func(subscribers.Subscriber, error) bool) {
		if err := list.stream(ctx, f, func(s subscribers.Subscriber) bool { return yield(s, nil) }); err != nil {
			yield(subscribers.Subscriber{}, err)
		}
	}
}

// stream returns nil once yield has refused, so that it is not called again.
func (list Subscribers) stream(ctx context.Context, f subscribers.Filter, yield func(subscribers.Subscriber) bool) error {
	where, err := standingSQL(f.Standing)
	if err != nil {
		return err
	}
	query, args := "SELECT "+subscriberColumns+" FROM subscribers s WHERE "+where, []any{}
	if f.Search != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text(f.Search)) + "%"
		query, args = query+" AND (s.email ILIKE $1 OR s.name ILIKE $1)", []any{like}
	}
	query += " ORDER BY s.id"
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	rows, err := list.db.pool.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("list subscribers: %w", list.db.fault(err))
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		s, err := column.Subscriber(rows.Scan)
		if err != nil {
			return fmt.Errorf("list subscribers: %w", err)
		}
		if !yield(s) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list subscribers: %w", list.db.fault(err))
	}
	return nil
}

// Count counts the list by standing.
func (list Subscribers) Count(ctx context.Context) (subscribers.Counts, error) {
	var c subscribers.Counts
	err := list.db.pool.QueryRow(ctx, fmt.Sprintf(`SELECT
		count(*) FILTER (WHERE suppressed = %[1]d AND status = %[2]d),
		count(*) FILTER (WHERE suppressed = %[1]d AND status = %[3]d),
		count(*) FILTER (WHERE suppressed = %[1]d AND status = %[4]d),
		count(*) FILTER (WHERE suppressed <> %[1]d AND email <> '')
		FROM subscribers`,
		subscribers.NotSuppressed, subscribers.Active, subscribers.Pending, subscribers.Unsubscribed)).
		Scan(&c.Active, &c.Pending, &c.Unsubscribed, &c.Suppressed)
	if err != nil {
		return subscribers.Counts{}, fmt.Errorf("count subscribers: %w", list.db.fault(err))
	}
	return c, nil
}

// known gathers what the list knows of an address whose lock the transaction
// holds, and keeps others from changing its reader.
func known(ctx context.Context, tx pgx.Tx, a subscribers.Address) (subscribers.Known, error) {
	standing, err := suppressionOf(ctx, tx, a)
	if err != nil {
		return subscribers.Known{}, err
	}
	k := subscribers.Known{Suppressed: standing.Reason}
	k.Subscriber, err = subscriberWhere(ctx, tx, "s.email_key = $1"+forUpdate, a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return k, nil
	}
	k.Found = err == nil
	return k, err
}

// Events gives a subscriber's history, oldest first.
func (list Subscribers) Events(ctx context.Context, id int64) ([]subscribers.Event, error) {
	rows, err := list.db.pool.Query(ctx, "SELECT at, kind, detail, wording FROM subscriber_events WHERE subscriber_id = $1 ORDER BY id", id)
	events, err := collect(rows, err, func(row pgx.CollectableRow) (e subscribers.Event, err error) {
		var at int64
		err = row.Scan(&at, &e.Kind, &e.Detail, &e.Wording)
		e.At = column.Time(at)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read subscriber's history: %w", list.db.fault(err))
	}
	return events, nil
}
