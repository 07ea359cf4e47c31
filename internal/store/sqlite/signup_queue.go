package sqlite

import (
	"context"
	"errors"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// waitingSignUps bounds the queue's length by the span of its ids, without counting:
// rows leave it oldest first.
func waitingSignUps(ctx context.Context, tx plainsql.Tx, _ int) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT max(id) FROM signups) - (SELECT min(id) FROM signups) + 1, 0)`).Scan(&n)
	return n, err
}

func insertSignUps(ctx context.Context, tx plainsql.Tx, rows []column.SignUp) (err error) {
	insert, err := inside(tx).PrepareContext(ctx, `INSERT INTO signups (email, details, ip, at, wish) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, r := range rows {
		if _, err := insert.ExecContext(ctx, r.Email, r.Details, r.IP, r.At, r.Wish); err != nil {
			return err
		}
	}
	return nil
}
