package plainsql

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Subscribers are the list: who is on it, and the acts on one address.
type Subscribers struct{ db DB }

// Subscribers gives the database's list.
func (db DB) Subscribers() Subscribers { return Subscribers{db} }

// Secret gives the database's secret.
func (s Subscribers) Secret(ctx context.Context) ([]byte, error) { return s.db.Secret(ctx) }

// SubscriberColumns are what column.Subscriber scans, in order.
const SubscriberColumns = `
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

// OnList leaves out who was erased.
const OnList = "s.email <> ''"

// ByKey finds an address on the list.
func (s Subscribers) ByKey(ctx context.Context, key string) (subscribers.Subscriber, error) {
	return s.find(ctx, "s.email_key = $1 AND "+OnList, key)
}

// ByToken finds whose unsubscribe token it is.
func (s Subscribers) ByToken(ctx context.Context, t subscribers.Token) (subscribers.Subscriber, error) {
	return s.find(ctx, "s.token = $1 AND "+OnList, t[:])
}

// ByID finds a subscriber.
func (s Subscribers) ByID(ctx context.Context, id int64) (subscribers.Subscriber, error) {
	return s.find(ctx, "s.id = $1 AND "+OnList, id)
}

func (s Subscribers) find(ctx context.Context, where string, arg any) (sub subscribers.Subscriber, err error) {
	err = s.db.Look(ctx, func(tx Tx) (err error) {
		sub, err = subscriberWhere(ctx, tx, where, arg)
		return err
	})
	return sub, err
}

// heldSubscriber finds a subscriber and keeps others from changing them.
func heldSubscriber(ctx context.Context, tx Tx, id int64) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, tx, "s.id = $1 AND "+OnList+tx.Dialect().Hold, id)
}

func subscriberWhere(ctx context.Context, tx Tx, where string, arg any) (subscribers.Subscriber, error) {
	s, err := column.Subscriber(tx.QueryRow(ctx, "SELECT "+SubscriberColumns+" FROM subscribers s WHERE "+where, arg).Scan)
	if noRows(err) {
		return subscribers.Subscriber{}, subscribers.ErrNotFound
	}
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("read subscriber: %w", err)
	}
	return s, nil
}

// HeldByKey gives who has an address, erased or not, and keeps others from
// changing them.
func HeldByKey(ctx context.Context, tx Tx, key string) (subscribers.Subscriber, error) {
	return subscriberWhere(ctx, tx, "s.email_key = $1"+tx.Dialect().Hold, key)
}

// known gathers what the list knows of an address that the transaction holds, and
// keeps others from changing its reader.
func known(ctx context.Context, tx Tx, a subscribers.Address) (subscribers.Known, error) {
	standing, err := SuppressionOf(ctx, tx, a)
	if err != nil {
		return subscribers.Known{}, err
	}
	k := subscribers.Known{Suppressed: standing.Reason}
	k.Subscriber, err = HeldByKey(ctx, tx, a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return k, nil
	}
	k.Found = err == nil
	return k, err
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
		return fmt.Sprintf("s.suppressed = %s AND s.status = %d AND %s", NotSuppressed, want, OnList), nil
	}
	switch st {
	case "":
		return OnList, nil
	case subscribers.StandsSuppressed:
		return fmt.Sprintf("s.suppressed <> %s AND %s", NotSuppressed, OnList), nil
	}
	return "", fmt.Errorf("list subscribers: %q is not a status", st)
}

// errEnough ends a stream of whose rows no more are wanted.
var errEnough = errors.New("enough")

// List streams the subscribers that the filter picks.
func (s Subscribers) List(ctx context.Context, f subscribers.Filter) iter.Seq2[subscribers.Subscriber, error] {
	return func(yield func(subscribers.Subscriber, error) bool) {
		err := s.stream(ctx, f, func(sub subscribers.Subscriber) error {
			if !yield(sub, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(subscribers.Subscriber{}, err)
		}
	}
}

func (s Subscribers) stream(ctx context.Context, f subscribers.Filter, fn func(subscribers.Subscriber) error) error {
	where, err := standingSQL(f.Standing)
	if err != nil {
		return err
	}
	query, args := "SELECT "+SubscriberColumns+" FROM subscribers s WHERE "+where, []any{}
	err = s.db.Look(ctx, func(tx Tx) error {
		if f.Search != "" {
			like := tx.Dialect().Like
			query += ` AND (s.email ` + like + ` $1 ESCAPE '\' OR s.name ` + like + ` $1 ESCAPE '\')`
			args = append(args, "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Search)+"%")
		}
		query += " ORDER BY s.id"
		if f.Limit > 0 {
			query += fmt.Sprintf(" LIMIT %d", f.Limit)
		}
		return each(ctx, tx, func(rows Rows) error {
			sub, err := column.Subscriber(rows.Scan)
			if err != nil {
				return err
			}
			return fn(sub)
		}, query, args...)
	})
	if err != nil {
		return fmt.Errorf("list subscribers: %w", err)
	}
	return nil
}

// Count counts the list by standing.
func (s Subscribers) Count(ctx context.Context) (c subscribers.Counts, err error) {
	err = s.db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, fmt.Sprintf(`SELECT
			count(*) FILTER (WHERE suppressed = %[1]s AND status = %[2]d),
			count(*) FILTER (WHERE suppressed = %[1]s AND status = %[3]d),
			count(*) FILTER (WHERE suppressed = %[1]s AND status = %[4]d),
			count(*) FILTER (WHERE suppressed <> %[1]s AND email <> '')
			FROM subscribers`, NotSuppressed, subscribers.Active, subscribers.Pending, subscribers.Unsubscribed)).
			Scan(&c.Active, &c.Pending, &c.Unsubscribed, &c.Suppressed)
	})
	if err != nil {
		return subscribers.Counts{}, fmt.Errorf("count subscribers: %w", err)
	}
	return c, nil
}

// Events gives a subscriber's history, oldest first.
func (s Subscribers) Events(ctx context.Context, id int64) ([]subscribers.Event, error) {
	return rowsOf(ctx, s.db, "read subscriber's history", func(row Rows) (e subscribers.Event, err error) {
		var at int64
		err = row.Scan(&at, &e.Kind, &e.Detail, &e.Wording)
		e.At = column.Time(at)
		return e, err
	}, "SELECT at, kind, detail, wording FROM subscriber_events WHERE subscriber_id = $1 ORDER BY id", id)
}
