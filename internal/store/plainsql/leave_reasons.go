package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// LeaveReasons count why readers left. Which reader gave which reason is not kept:
// of a reader there is only for which leaving they have answered.
type LeaveReasons struct{ DB }

// Answer counts a reason of a reader who has left, once a leaving; counted is
// false where it was counted before, or the reader has not left.
func (s LeaveReasons) Answer(ctx context.Context, reader int64, why subscribers.LeaveReason, at time.Time) (counted bool, err error) {
	err = s.Write(ctx, func(tx Tx) error {
		n, err := tx.Exec(ctx, `
			INSERT INTO leave_answers (subscriber_id, left_at)
			SELECT id, left_at FROM subscribers WHERE id = $1 AND status = $2 AND email <> ''
			ON CONFLICT (subscriber_id) DO UPDATE SET left_at = excluded.left_at
			WHERE leave_answers.left_at <> excluded.left_at`, reader, int(subscribers.Unsubscribed))
		if counted = n > 0; err != nil || !counted {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO leave_reasons (day, reason, n) VALUES ($1, $2, 1)
			ON CONFLICT (day, reason) DO UPDATE SET n = leave_reasons.n + 1`, column.Millis(at)/dayMillis, string(why))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count why a reader left: %w", err)
	}
	return counted, nil
}

// Answered reports whether a reader has said why they left when they left last.
func (s LeaveReasons) Answered(ctx context.Context, reader int64) (answered bool, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		var n int
		err := tx.QueryRow(ctx, `
			SELECT count(*) FROM leave_answers a JOIN subscribers s ON s.id = a.subscriber_id AND s.left_at = a.left_at
			WHERE s.id = $1`, reader).Scan(&n)
		answered = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look up whether a reader said why they left: %w", err)
	}
	return answered, nil
}

// Counts gives how many gave each reason, from the UTC day of an instant until
// before that of another.
func (s LeaveReasons) Counts(ctx context.Context, from, to time.Time) (counts map[subscribers.LeaveReason]int64, err error) {
	counts = map[subscribers.LeaveReason]int64{}
	err = s.Read(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var why string
			var n int64
			err := rows.Scan(&why, &n)
			counts[subscribers.LeaveReason(why)] += n
			return err
		}, `SELECT reason, n FROM leave_reasons WHERE day >= $1 AND day < $2`, column.Millis(from)/dayMillis, column.Millis(to)/dayMillis)
	})
	if err != nil {
		return nil, fmt.Errorf("count why readers left: %w", err)
	}
	return counts, nil
}
