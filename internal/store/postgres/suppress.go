package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// suppressionOf gives an address's suppression by its hash, the zero one for
// none.
func suppressionOf(ctx context.Context, q querier, a subscribers.Address) (subscribers.Suppression, error) {
	var s subscribers.Suppression
	var at int64
	err := q.QueryRow(ctx, "SELECT reason, detail, at FROM suppressions WHERE address_sha256 = $1", a.SHA256[:]).
		Scan(&s.Reason, &s.Detail, &at)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return subscribers.Suppression{}, fmt.Errorf("read suppression: %w", err)
	}
	s.At = column.Time(at)
	return s, nil
}

// recordSuppression records a suppression after the one that stands, and gives
// what stands now. The transaction holds the address.
func recordSuppression(ctx context.Context, tx pgx.Tx, a subscribers.Address, s subscribers.Suppression) (subscribers.Suppression, error) {
	standing, err := suppressionOf(ctx, tx, a)
	if err != nil {
		return standing, err
	}
	s = s.After(standing)
	_, err = tx.Exec(ctx, `
		INSERT INTO suppressions (address_sha256, reason, detail, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (address_sha256) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, at = excluded.at`,
		a.SHA256[:], int16(s.Reason), text(s.Detail), column.Millis(s.At))
	if err != nil {
		return s, fmt.Errorf("record suppression: %w", err)
	}
	return s, nil
}

func deleteSuppression(ctx context.Context, tx pgx.Tx, a subscribers.Address) error {
	if _, err := tx.Exec(ctx, "DELETE FROM suppressions WHERE address_sha256 = $1", a.SHA256[:]); err != nil {
		return fmt.Errorf("end suppression: %w", err)
	}
	return nil
}

// Suppress records that an address must not be mailed.
func (list Subscribers) Suppress(ctx context.Context, a subscribers.Address, s subscribers.Suppression) error {
	if err := list.db.inTx(ctx, func(tx pgx.Tx) error { return suppress(ctx, tx, a, s) }); err != nil {
		return fmt.Errorf("suppress address: %w", err)
	}
	return nil
}

// suppress records a suppression, on the list too where the address is there,
// and takes away what is undelivered.
func suppress(ctx context.Context, tx pgx.Tx, a subscribers.Address, s subscribers.Suppression) error {
	if err := holdAddresses(ctx, tx, a); err != nil {
		return err
	}
	standing, err := recordSuppression(ctx, tx, a, s)
	if err != nil {
		return err
	}
	old, err := subscriberWhere(ctx, tx, "s.email_key = $1"+forUpdate, a.Key)
	if errors.Is(err, subscribers.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := voidConfirmations(ctx, tx, old.ID, s.At); err != nil {
		return err
	}
	if old.Suppressed == standing.Reason {
		return nil
	}
	old.Suppressed = standing.Reason
	if err := saveSubscriber(ctx, tx, old); err != nil {
		return err
	}
	return recordEvent(ctx, tx, old.ID, subscribers.EventSuppress, standing.Note(), s.At)
}

// Lift undoes a suppression that an operator may lift.
func (list Subscribers) Lift(ctx context.Context, a subscribers.Address, note string, at time.Time) error {
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		if err := holdAddresses(ctx, tx, a); err != nil {
			return err
		}
		k, err := known(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := k.Reason().MayLift(); err != nil {
			return err
		}
		if err := deleteSuppression(ctx, tx, a); err != nil {
			return err
		}
		if k.Subscriber.Suppressed == subscribers.NotSuppressed {
			return nil
		}
		k.Subscriber.Suppressed = subscribers.NotSuppressed
		if err := saveSubscriber(ctx, tx, k.Subscriber); err != nil {
			return err
		}
		return recordEvent(ctx, tx, k.Subscriber.ID, subscribers.EventLift, note, at)
	})
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}
