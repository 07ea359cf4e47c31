package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

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

// subscriberColumns are what scanSubscriber reads, in order.
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

// scanSubscriber reads a row of subscriberColumns and then more.
func scanSubscriber(scan func(...any) error, more ...any) (subscribers.Subscriber, error) {
	return column.Subscriber(scan, more...)
}

// ByKey finds an address on the list.
func (list Subscribers) ByKey(ctx context.Context, key string) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, list.db.r, "s.email_key = ? AND "+onList, key)
}

// ByToken finds whose unsubscribe token it is.
func (list Subscribers) ByToken(ctx context.Context, t subscribers.Token) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, list.db.r, "s.token = ? AND "+onList, t[:])
}

// ByID finds a subscriber.
func (list Subscribers) ByID(ctx context.Context, id int64) (subscribers.Subscriber, error) {
	return subscriberByID(ctx, list.db.r, id)
}

// Secret gives the database's secret.
func (list Subscribers) Secret(ctx context.Context) ([]byte, error) { return list.db.Secret(ctx) }

func subscriberByID(ctx context.Context, q querier, id int64) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, q, "s.id = ? AND "+onList, id)
}

func subscriberWhere(ctx context.Context, q querier, where string, arg any) (subscribers.Subscriber, error) {
	s, err := scanSubscriber(q.QueryRowContext(ctx, "SELECT "+subscriberColumns+" FROM subscribers s WHERE "+where, arg).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return subscribers.Subscriber{}, subscribers.ErrNotFound
	}
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("read subscriber: %w", err)
	}
	return s, nil
}

// onList leaves out who was erased.
const onList = "s.email <> ''"

// standingSQL are the standings as conditions; none of them takes in who was
// erased.
func standingSQL(st subscribers.Standing) (where string, args []any, err error) {
	status := map[subscribers.Standing]subscribers.Status{
		subscribers.StandsActive:       subscribers.Active,
		subscribers.StandsPending:      subscribers.Pending,
		subscribers.StandsUnsubscribed: subscribers.Unsubscribed,
	}
	if want, ok := status[st]; ok {
		return "s.suppressed = ? AND s.status = ? AND " + onList, []any{subscribers.NotSuppressed, want}, nil
	}
	switch st {
	case "":
		return onList, nil, nil
	case subscribers.StandsSuppressed:
		return "s.suppressed <> ? AND " + onList, []any{subscribers.NotSuppressed}, nil
	}
	return "", nil, fmt.Errorf("list subscribers: %q is not a status", st)
}

// List streams the subscribers that the filter picks.
func (list Subscribers) List(ctx context.Context, f subscribers.Filter) iter.Seq2[subscribers.Subscriber, error] {
	return func(yield func(subscribers.Subscriber, error) bool) {
		if err := list.stream(ctx, f, func(s subscribers.Subscriber) bool { return yield(s, nil) }); err != nil {
			yield(subscribers.Subscriber{}, err)
		}
	}
}

// stream returns nil once yield has refused, so that it is not called
// again.
func (list Subscribers) stream(ctx context.Context, f subscribers.Filter, yield func(subscribers.Subscriber) bool) error {
	where, args, err := standingSQL(f.Standing)
	if err != nil {
		return err
	}
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Search) + "%"
	rows, err := list.db.r.QueryContext(ctx, "SELECT "+subscriberColumns+` FROM subscribers s
		WHERE `+where+` AND (? = '%%' OR s.email LIKE ? ESCAPE '\' OR s.name LIKE ? ESCAPE '\')
		ORDER BY s.id LIMIT ?`, append(args, like, like, like, limit)...)
	if err != nil {
		return fmt.Errorf("list subscribers: %w", err)
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		s, err := scanSubscriber(rows.Scan)
		if err != nil {
			return fmt.Errorf("list subscribers: %w", err)
		}
		if !yield(s) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list subscribers: %w", err)
	}
	return nil
}

// Count counts the list by standing.
func (list Subscribers) Count(ctx context.Context) (subscribers.Counts, error) {
	var c subscribers.Counts
	err := list.db.r.QueryRowContext(ctx, `SELECT
		count(*) FILTER (WHERE suppressed = ?1 AND status = ?2),
		count(*) FILTER (WHERE suppressed = ?1 AND status = ?3),
		count(*) FILTER (WHERE suppressed = ?1 AND status = ?4),
		count(*) FILTER (WHERE suppressed <> ?1 AND email <> '')
		FROM subscribers`,
		subscribers.NotSuppressed, subscribers.Active, subscribers.Pending, subscribers.Unsubscribed).Scan(&c.Active, &c.Pending, &c.Unsubscribed, &c.Suppressed)
	if err != nil {
		return subscribers.Counts{}, fmt.Errorf("count subscribers: %w", err)
	}
	return c, nil
}

// known gathers what the list knows of an address.
func known(ctx context.Context, q querier, a subscribers.Address) (subscribers.Known, error) {
	standing, err := suppressionOf(ctx, q, a)
	if err != nil {
		return subscribers.Known{}, err
	}
	k := subscribers.Known{Suppressed: standing.Reason}
	k.Subscriber, err = subscriberWhere(ctx, q, "s.email_key = ?", a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return k, nil
	}
	k.Found = err == nil
	return k, err
}

// Events gives a subscriber's history, oldest first.
func (list Subscribers) Events(ctx context.Context, id int64) ([]subscribers.Event, error) {
	rows, err := list.db.r.QueryContext(ctx, "SELECT at, kind, detail, wording FROM subscriber_events WHERE subscriber_id = ? ORDER BY id", id)
	if err != nil {
		return nil, fmt.Errorf("read subscriber's history: %w", err)
	}
	defer rows.Close() // rows.Err says it
	var events []subscribers.Event
	for rows.Next() {
		var e subscribers.Event
		var at int64
		if err := rows.Scan(&at, &e.Kind, &e.Detail, &e.Wording); err != nil {
			return nil, fmt.Errorf("read subscriber's history: %w", err)
		}
		e.At = fromMillis(at)
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read subscriber's history: %w", err)
	}
	return events, nil
}
