package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// waitingSignUps counts the queue up to most.
func waitingSignUps(ctx context.Context, tx plainsql.Tx, most int) (n int, err error) {
	err = tx.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM signups LIMIT $1) q", most).Scan(&n)
	return n, err
}

func insertSignUps(ctx context.Context, tx plainsql.Tx, list []column.SignUp) error {
	rows := make([][]any, len(list))
	for i, r := range list {
		rows[i] = []any{r.Email, text(r.Details), r.IP, r.At, string(r.Wish)}
	}
	_, err := inside(tx).CopyFrom(ctx, pgx.Identifier{"signups"}, []string{"email", "details", "ip", "at", "wish"}, pgx.CopyFromRows(rows))
	return err
}
