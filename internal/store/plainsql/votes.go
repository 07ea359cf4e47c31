package plainsql

import (
	"context"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/votes"
)

// Votes are readers' votes, but for how one is cast.
type Votes struct{ db DB }

// Votes gives the database's votes.
func (db DB) Votes() Votes { return Votes{db} }

// Of gives what a reader has said of both tools of a comparison.
func (v Votes) Of(ctx context.Context, reader int64, slug string) ([2]votes.Choice, error) {
	list, err := rowsOf(ctx, v.db, "read votes", func(row Rows) (vote votes.Vote, err error) {
		return vote, row.Scan(&vote.Tool, &vote.Choice)
	}, "SELECT tool, ship FROM votes WHERE slug = $1 AND subscriber_id = $2", slug, reader)
	out := [2]votes.Choice{votes.None, votes.None}
	for _, vote := range list {
		out[vote.Tool] = vote.Choice
	}
	return out, err
}

// Tallies gives what all votes come to.
func (v Votes) Tallies(ctx context.Context) (votes.Tallies, error) {
	type tally struct {
		slug string
		tool int
		votes.Count
	}
	list, err := rowsOf(ctx, v.db, "read tallies", func(row Rows) (t tally, err error) {
		return t, row.Scan(&t.slug, &t.tool, &t.Ship, &t.Skip)
	}, "SELECT slug, tool, ship, skip FROM vote_tallies WHERE ship + skip > 0")
	if err != nil {
		return nil, err
	}
	out := votes.Tallies{}
	for _, t := range list {
		both := out[t.slug]
		both[t.tool] = t.Count
		out[t.slug] = both
	}
	return out, nil
}

// ByReader gives all that a reader has voted, the latest first.
func (v Votes) ByReader(ctx context.Context, reader int64) ([]votes.Vote, error) {
	return rowsOf(ctx, v.db, "read votes", func(row Rows) (votes.Vote, error) {
		vote := votes.Vote{Reader: reader}
		var at int64
		err := row.Scan(&vote.Slug, &vote.Tool, &vote.Choice, &at)
		vote.At = column.Time(at)
		return vote, err
	}, "SELECT slug, tool, ship, at FROM votes WHERE subscriber_id = $1 ORDER BY at DESC, slug, tool", reader)
}
