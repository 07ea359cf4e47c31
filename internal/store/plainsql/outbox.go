package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// An Outbox keeps events until they were told.
type Outbox struct{ db DB }

// Outbox is the database's outbox.
func (db DB) Outbox() Outbox { return Outbox{db} }

// States of an outbox row; the numbers are stored.
const (
	eventWaiting = iota
	eventTold
	eventGivenUp
)

// tellReader writes an event about a reader, within the transaction that it
// tells of. A reader has one event of a kind waiting at a time.
func tellReader(ctx context.Context, tx Tx, p outbox.Payload, s subscribers.Subscriber, at time.Time) error {
	return tell(ctx, tx, p, &s.ID, s.Email, outbox.ReaderKey(p.Kind(), s), at)
}

// tell writes an event; subscriber is nil for nobody on the list.
func tell(ctx context.Context, tx Tx, p outbox.Payload, subscriber *int64, recipient, key string, at time.Time) error {
	version, data, err := outbox.Encode(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO outbox (kind, version, subscriber_id, recipient, data, dedupe, created_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (dedupe) DO NOTHING`,
		string(p.Kind()), version, subscriber, recipient, string(data), key, column.Millis(at))
	if err != nil {
		return fmt.Errorf("write %s event: %w", p.Kind(), err)
	}
	return nil
}

// Tell writes an event for each of the recipients, who are nobody on the list.
// Each is told once for a dedupe key, however often it is written; the key is
// remembered for 90 days after the event was told.
func (o Outbox) Tell(ctx context.Context, recipients []string, p outbox.Payload, dedupe string, at time.Time) error {
	return o.db.Write(ctx, func(tx Tx) error { return tellEach(ctx, tx, recipients, p, dedupe, at) })
}

func tellEach(ctx context.Context, tx Tx, recipients []string, p outbox.Payload, dedupe string, at time.Time) error {
	for _, r := range recipients {
		if err := tell(ctx, tx, p, nil, r, outbox.NoticeKey(p.Kind(), dedupe, r), at); err != nil {
			return err
		}
	}
	return nil
}

// Take takes the event that has waited longest past its time, if any, and leases
// it: unless it is finished, postponed or given up within outbox.Lease, it will be
// taken again, so that a crash loses none.
func (o Outbox) Take(ctx context.Context, now time.Time) (e outbox.Event, taken bool, err error) {
	err = o.db.Write(ctx, func(tx Tx) error {
		var subscriber *int64
		var kind string
		var data []byte
		var created int64
		e = outbox.Event{}
		err := tx.Dialect().TakeEvent(ctx, tx, now).
			Scan(&e.ID, &kind, &e.Version, &subscriber, &e.Recipient, &data, &e.Attempts, &created)
		if taken = err == nil; !taken {
			return unlessNone(err)
		}
		e.Kind, e.Data, e.CreatedAt = outbox.Kind(kind), data, column.Time(created)
		if subscriber != nil {
			e.Subscriber, err = subscriberWhere(ctx, tx, "s.id = $1 AND "+OnList, *subscriber)
		}
		return err
	})
	if err != nil {
		return outbox.Event{}, false, fmt.Errorf("take an event of the outbox: %w", err)
	}
	return e, taken, nil
}

// unlessNone is err, but nil where it says that there is no row.
func unlessNone(err error) error {
	if noRows(err) {
		return nil
	}
	return err
}

// Finish records that an event was told. A confirmation counts from now on: a
// server took the mail.
func (o Outbox) Finish(ctx context.Context, e outbox.Event, at time.Time) error {
	return o.db.Write(ctx, func(tx Tx) error {
		if err := eventDone(ctx, tx, e.ID, eventTold, "", at); err != nil || e.Kind != outbox.KindConfirm {
			return err
		}
		return countConfirmation(ctx, tx, e.Recipient, at)
	})
}

// GiveUp gives an event up and records why.
func (o Outbox) GiveUp(ctx context.Context, id int64, reason string, at time.Time) error {
	return o.db.Write(ctx, func(tx Tx) error { return eventDone(ctx, tx, id, eventGivenUp, reason, at) })
}

// eventDone forgets what the event said. One that was withdrawn in the meantime
// is nobody's concern.
func eventDone(ctx context.Context, tx Tx, id int64, state int, reason string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE outbox
		SET state = $1, done_at = $2, last_error = $3, data = '', dedupe = CASE WHEN subscriber_id IS NULL THEN dedupe END`+tx.Dialect().Untake+`
		WHERE id = $4 AND state = $5`, state, column.Millis(at), reason, id, eventWaiting)
	if err != nil {
		return fmt.Errorf("record an event's end: %w", err)
	}
	return nil
}

// Postpone puts an event back until next, and records why.
func (o Outbox) Postpone(ctx context.Context, id int64, next time.Time, reason string) error {
	return o.putBack(ctx, id, next, reason, 0)
}

// PutBack is Postpone for an event that could not even be tried: the attempt
// does not count.
func (o Outbox) PutBack(ctx context.Context, id int64, next time.Time, reason string) error {
	return o.putBack(ctx, id, next, reason, 1)
}

func (o Outbox) putBack(ctx context.Context, id int64, next time.Time, reason string, untried int) error {
	return o.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE outbox
			SET next_at = $1, last_error = $2, attempts = CASE WHEN attempts > $3 THEN attempts - $3 ELSE 0 END`+tx.Dialect().Untake+`
			WHERE id = $4 AND state = $5`, column.Millis(next), reason, untried, id, eventWaiting)
		if err != nil {
			return fmt.Errorf("put an event back: %w", err)
		}
		return nil
	})
}

// Waiting counts the events that were not told yet, and tells since when the
// oldest of them waits; zero for none.
func (o Outbox) Waiting(ctx context.Context) (n int, since time.Time, err error) {
	var oldest int64
	err = o.db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*), coalesce(min(created_at), 0) FROM outbox WHERE state = $1`, eventWaiting).Scan(&n, &oldest)
	})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count the outbox: %w", err)
	}
	return n, column.Time(oldest), nil
}

// forgetEvents removes events that were done with long ago.
func forgetEvents(ctx context.Context, tx Tx, at time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE state <> $1 AND done_at < $2`, eventWaiting, column.Millis(at.Add(-outbox.DoneKept)))
	if err != nil {
		return fmt.Errorf("forget events: %w", err)
	}
	return nil
}
