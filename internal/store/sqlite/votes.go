package sqlite

import (
	"context"
	"errors"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
)

func insertVotes(ctx context.Context, tx plainsql.Tx, list []votes.Vote) (err error) {
	insert, err := inside(tx).PrepareContext(ctx, `
		INSERT INTO votes (slug, tool, subscriber_id, ship, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (slug, tool, subscriber_id) DO UPDATE SET ship = excluded.ship, at = excluded.at`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, v := range list {
		if _, err := insert.ExecContext(ctx, v.Slug, v.Tool, v.Reader, v.Choice, toMillis(v.At)); err != nil {
			return err
		}
	}
	return nil
}
