package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Votes are readers' votes.
type Votes struct {
	plainsql.Votes
	db *DB
}

// Votes gives the database's votes.
func (db *DB) Votes() Votes { return Votes{db.plain().Votes(), db} }

// Cast keeps a vote in the place of the reader's earlier one. It returns when the
// vote is durable, with others that came at the same time.
func (v Votes) Cast(ctx context.Context, vote votes.Vote) error {
	if err := v.db.votes.Commit(ctx, vote, inGroup(v.db, insertVotes)); err != nil {
		return fmt.Errorf("cast vote: %w", err)
	}
	return nil
}

// insertVotes inserts a group in one order, so that nodes that take votes on one
// comparison do not wait for each other in a circle. Of a reader's votes on a
// tool the last counts.
func insertVotes(ctx context.Context, tx pgx.Tx, members []*group.Member[votes.Vote]) error {
	there, err := holdVoters(ctx, tx, members)
	if err != nil {
		return err
	}
	var list []votes.Vote
	for _, m := range slices.Backward(members) {
		if m.Err = nil; !there[m.Row.Reader] { // the others' votes are kept
			m.Err = subscribers.ErrNotFound
			continue
		}
		list = append(list, m.Row)
	}
	slices.SortStableFunc(list, compareVotes)
	list = slices.CompactFunc(list, func(a, b votes.Vote) bool { return compareVotes(a, b) == 0 })
	var slugs []string
	var tools, choices []int16
	var readers, at []int64
	for _, vote := range list {
		slugs, tools, readers = append(slugs, vote.Slug), append(tools, int16(vote.Tool)), append(readers, vote.Reader)
		choices, at = append(choices, int16(vote.Choice)), append(at, column.Millis(vote.At))
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO votes (slug, tool, subscriber_id, ship, at)
		SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::smallint[], $5::bigint[])
		ON CONFLICT (slug, tool, subscriber_id) DO UPDATE SET ship = excluded.ship, at = excluded.at`,
		slugs, tools, readers, choices, at)
	return err
}

func compareVotes(a, b votes.Vote) int {
	return cmp.Or(cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Reader, b.Reader))
}

// holdVoters gives those of a group's readers who are on the list, and keeps
// them from being erased until the transaction ends.
func holdVoters(ctx context.Context, tx pgx.Tx, members []*group.Member[votes.Vote]) (map[int64]bool, error) {
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i] = m.Row.Reader
	}
	rows, err := tx.Query(ctx, "SELECT id FROM subscribers WHERE id = ANY($1) AND email <> '' ORDER BY id FOR KEY SHARE", ids)
	list, err := collect(rows, err, pgx.RowTo[int64])
	there := make(map[int64]bool, len(list))
	for _, id := range list {
		there[id] = true
	}
	return there, err
}
