package plainsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// SuppressionOf gives an address's suppression by its hash, the zero one for
// none.
func SuppressionOf(ctx context.Context, tx Tx, a subscribers.Address) (s subscribers.Suppression, err error) {
	var at int64
	err = tx.QueryRow(ctx, "SELECT reason, detail, at FROM suppressions WHERE address_sha256 = $1", a.SHA256[:]).
		Scan(&s.Reason, &s.Detail, &at)
	if err := unlessNone(err); err != nil {
		return subscribers.Suppression{}, fmt.Errorf("read suppression: %w", err)
	}
	s.At = column.Time(at)
	return s, nil
}

// RecordSuppression records a suppression after the one that stands, and gives
// what stands now. The transaction holds the address.
func RecordSuppression(ctx context.Context, tx Tx, a subscribers.Address, s subscribers.Suppression) (subscribers.Suppression, error) {
	standing, err := SuppressionOf(ctx, tx, a)
	if err != nil {
		return standing, err
	}
	s = s.After(standing)
	_, err = tx.Exec(ctx, `
		INSERT INTO suppressions (address_sha256, reason, detail, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (address_sha256) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, at = excluded.at`,
		a.SHA256[:], int(s.Reason), s.Detail, column.Millis(s.At))
	if err != nil {
		return s, fmt.Errorf("record suppression: %w", err)
	}
	return s, nil
}

func deleteSuppression(ctx context.Context, tx Tx, a subscribers.Address) error {
	if _, err := tx.Exec(ctx, "DELETE FROM suppressions WHERE address_sha256 = $1", a.SHA256[:]); err != nil {
		return fmt.Errorf("end suppression: %w", err)
	}
	return nil
}

// Suppress records that an address must not be mailed.
func (s Subscribers) Suppress(ctx context.Context, a subscribers.Address, why subscribers.Suppression) error {
	if err := s.db.Write(ctx, func(tx Tx) error { return SuppressAddress(ctx, tx, a, why) }); err != nil {
		return fmt.Errorf("suppress address: %w", err)
	}
	return nil
}

// SuppressAddress records a suppression, on the list too where the address is
// there, and takes away what is undelivered.
func SuppressAddress(ctx context.Context, tx Tx, a subscribers.Address, s subscribers.Suppression) error {
	if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
		return err
	}
	standing, err := RecordSuppression(ctx, tx, a, s)
	if err != nil {
		return err
	}
	old, err := HeldByKey(ctx, tx, a.Key)
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
	if err := SaveSubscriber(ctx, tx, old); err != nil {
		return err
	}
	return recordEvent(ctx, tx, old.ID, subscribers.EventSuppress, standing.Note(), s.At)
}

// Lift undoes a suppression that an operator may lift.
func (s Subscribers) Lift(ctx context.Context, a subscribers.Address, note string, at time.Time) error {
	err := s.db.Write(ctx, func(tx Tx) error {
		k, err := heldAddress(ctx, tx, a)
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
		if err := SaveSubscriber(ctx, tx, k.Subscriber); err != nil {
			return err
		}
		return recordEvent(ctx, tx, k.Subscriber.ID, subscribers.EventLift, note, at)
	})
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}
