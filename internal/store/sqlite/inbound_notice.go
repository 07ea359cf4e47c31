package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// recordNotice records what came back of a mail that is no digest.
func recordNotice(ctx context.Context, tx *sql.Tx, f inbound.Finding) (e inbound.Effect, err error) {
	reader, err := subscriberByID(ctx, tx, f.Subscriber)
	if errors.Is(err, subscribers.ErrNotFound) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Known = true
	reply := delivery.WithoutAddresses(f.Reply)
	n, err := changed(tx.ExecContext(ctx, `
		INSERT INTO returned_notices (subscriber_id, mail, week, kind, class, status, reply, reason, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Subscriber, f.Mail[:], f.Week, f.Kind, f.Class, f.Status, reply, f.Reason, toMillis(f.At)))
	if err != nil {
		return e, err
	}
	outcome := inbound.OutcomeRecorded
	if e.Again = n == 0; e.Again {
		return e, countInbound(ctx, tx, f.Kind, inbound.OutcomeAgain, f.At)
	}
	if e.Suppressed, e.Expired = subscribers.AfterNotice(reader, f.Class); e.Suppressed != subscribers.NotSuppressed {
		outcome = inbound.OutcomeSuppressed
		if err := suppressBounced(ctx, tx, f.Subscriber, e.Suppressed, reply, f.At); err != nil {
			return e, err
		}
	}
	if e.Expired {
		outcome = inbound.OutcomeExpired
		if err := voidConfirmations(ctx, tx, f.Subscriber, f.At); err != nil {
			return e, err
		}
	}
	if err := alarm(ctx, tx, f, reply); err != nil {
		return e, err
	}
	return e, countInbound(ctx, tx, f.Kind, outcome, f.At)
}

// SentTo gives the newest delivery to an address; see inbound.Store.
func (s Inbox) SentTo(ctx context.Context, address string, before time.Time) (d inbound.Delivery, ok bool, err error) {
	a, err := subscribers.ParseAddress(address)
	if err != nil {
		return d, false, nil // nobody on the list has such a one
	}
	err = s.db.r.QueryRowContext(ctx, `
		SELECT e.week, d.subscriber_id
		FROM subscribers s
		CROSS JOIN sends n
		JOIN deliveries d ON d.edition_id = n.edition_id AND d.subscriber_id = s.id
		JOIN editions e ON e.id = n.edition_id
		WHERE s.email_key = ? AND n.started_at <= ?
		ORDER BY n.started_at DESC, n.edition_id DESC LIMIT 1`, a.Key, toMillis(before)).Scan(&d.Week, &d.Subscriber)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("find a delivery by its address: %w", fault(s.db.path, err))
	}
	return d, true, nil
}
