package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// keyHash is the hash by which a suppression knows a subscriber's address.
const keyHash = `sha256(convert_to(s.email_key, 'UTF8'))`

// suppressedOnList and suppressedOthers are all suppressions, in this order.
var (
	suppressedOnList = fmt.Sprintf(`
		SELECT %s, s.email, s.suppressed, coalesce(p.detail, ''), coalesce(p.at, 0)
		FROM subscribers s LEFT JOIN suppressions p ON p.address_sha256 = %[1]s
		WHERE s.suppressed <> %d AND %s
		ORDER BY s.id`, keyHash, subscribers.NotSuppressed, plainsql.OnList)
	suppressedOthers = fmt.Sprintf(`
		SELECT p.address_sha256, '', p.reason, p.detail, p.at
		FROM suppressions p
		WHERE NOT EXISTS (
			SELECT 1 FROM subscribers s
			WHERE s.suppressed <> %d AND %s AND %s = p.address_sha256)
		ORDER BY p.at, p.address_sha256`, subscribers.NotSuppressed, plainsql.OnList, keyHash)
)

// Suppressions streams every suppression.
func (list Subscribers) Suppressions(ctx context.Context) iter.Seq2[subscribers.SuppressedAddress, error] {
	return func(yield func(subscribers.SuppressedAddress, error) bool) {
		err := list.db.readTx(ctx, func(tx pgx.Tx) error {
			for _, query := range []string{suppressedOnList, suppressedOthers} {
				if more, err := eachSuppression(ctx, tx, query, yield); err != nil || !more {
					return err
				}
			}
			return nil
		})
		if err != nil {
			yield(subscribers.SuppressedAddress{}, fmt.Errorf("list suppressions: %w", err))
		}
	}
}

// eachSuppression reports whether yield wants more.
func eachSuppression(ctx context.Context, tx pgx.Tx, query string, yield func(subscribers.SuppressedAddress, error) bool) (bool, error) {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return false, err
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var a subscribers.SuppressedAddress
		var hash []byte
		var at int64
		if err := rows.Scan(&hash, &a.Email, &a.Reason, &a.Detail, &at); err != nil {
			return false, err
		}
		copy(a.SHA256[:], hash)
		if a.At = column.Time(at); !yield(a, nil) {
			return false, nil
		}
	}
	return true, rows.Err()
}
