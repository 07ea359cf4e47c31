package sqlite

import (
	"context"
	"fmt"
	"iter"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// Suppressions streams every suppression. It keeps the hashes of those on the
// list in memory, 32 bytes each.
func (list Subscribers) Suppressions(ctx context.Context) iter.Seq2[subscribers.SuppressedAddress, error] {
	return func(yield func(subscribers.SuppressedAddress, error) bool) {
		onList := map[[32]byte]bool{}
		for s, err := range list.List(ctx, subscribers.Filter{Standing: subscribers.StandsSuppressed}) {
			var one subscribers.SuppressedAddress
			if err == nil {
				one, err = list.suppressed(ctx, s)
			}
			onList[one.SHA256] = true
			if !yield(one, err) || err != nil {
				return
			}
		}
		if err := list.otherSuppressions(ctx, onList, yield); err != nil {
			yield(subscribers.SuppressedAddress{}, err)
		}
	}
}

// suppressed gives the suppression of a subscriber.
func (list Subscribers) suppressed(ctx context.Context, s subscribers.Subscriber) (subscribers.SuppressedAddress, error) {
	a, err := subscribers.ParseAddress(s.Email)
	if err != nil {
		return subscribers.SuppressedAddress{}, err
	}
	standing, err := plainsql.SuppressionOf(ctx, plainTx{list.db.r}, a)
	standing.Reason = s.Suppressed
	return subscribers.SuppressedAddress{SHA256: a.SHA256, Email: s.Email, Suppression: standing}, err
}

func (list Subscribers) otherSuppressions(ctx context.Context, onList map[[32]byte]bool, yield func(subscribers.SuppressedAddress, error) bool) error {
	rows, err := list.db.r.QueryContext(ctx, "SELECT address_sha256, reason, detail, at FROM suppressions ORDER BY at, address_sha256")
	if err != nil {
		return fmt.Errorf("list suppressions: %w", err)
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var a subscribers.SuppressedAddress
		var hash []byte
		var at int64
		if err := rows.Scan(&hash, &a.Reason, &a.Detail, &at); err != nil {
			return fmt.Errorf("list suppressions: %w", err)
		}
		copy(a.SHA256[:], hash)
		if a.At = fromMillis(at); !onList[a.SHA256] && !yield(a, nil) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list suppressions: %w", err)
	}
	return nil
}
