package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// recordNotice records what came back of a mail that is no digest.
func recordNotice(ctx context.Context, tx pgx.Tx, f inbound.Finding) (e inbound.Effect, err error) {
	if err := holdReader(ctx, tx, f.Subscriber); errors.Is(err, pgx.ErrNoRows) {
		return e, nil
	} else if err != nil {
		return e, err
	}
	reader, err := heldSubscriber(ctx, tx, f.Subscriber)
	if errors.Is(err, subscribers.ErrNotFound) { // erased
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Known = true
	reply := delivery.WithoutAddresses(f.Reply)
	n, err := run(ctx, tx, `
		INSERT INTO returned_notices (subscriber_id, mail, week, kind, class, status, reply, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		f.Subscriber, f.Mail[:], f.Week, string(f.Kind), string(f.Class), text(f.Status), text(reply), text(f.Reason), column.Millis(f.At))
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
	err = s.db.pool.QueryRow(ctx, `
		SELECT e.week, d.subscriber_id
		FROM subscribers s
		CROSS JOIN sends n
		JOIN deliveries d ON d.edition_id = n.edition_id AND d.subscriber_id = s.id
		JOIN editions e ON e.id = n.edition_id
		WHERE s.email_key = $1 AND n.started_at <= $2
		ORDER BY n.started_at DESC, n.edition_id DESC LIMIT 1`, a.Key, column.Millis(before)).Scan(&d.Week, &d.Subscriber)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("find a delivery by its address: %w", s.db.fault(err))
	}
	return d, true, nil
}
