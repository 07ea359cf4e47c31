package postgres

import (
	"context"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
)

func insertVotes(ctx context.Context, tx plainsql.Tx, list []votes.Vote) error {
	var slugs []string
	var tools, choices []int16
	var readers, at []int64
	for _, v := range list {
		slugs, tools, readers = append(slugs, v.Slug), append(tools, int16(v.Tool)), append(readers, v.Reader)
		choices, at = append(choices, int16(v.Choice)), append(at, column.Millis(v.At))
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO votes (slug, tool, subscriber_id, ship, at)
		SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::smallint[], $5::bigint[])
		ON CONFLICT (slug, tool, subscriber_id) DO UPDATE SET ship = excluded.ship, at = excluded.at`,
		slugs, tools, readers, choices, at)
	return err
}
