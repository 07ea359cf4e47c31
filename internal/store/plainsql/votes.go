package plainsql

import (
	"context"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Votes are readers' votes.
type Votes struct{ db DB }

// Votes gives the database's votes.
func (db DB) Votes() Votes { return Votes{db} }

// Cast keeps a vote in the place of the reader's earlier one. It returns when the
// vote is durable, with others that came at the same time.
func (v Votes) Cast(ctx context.Context, vote votes.Vote) error {
	err := v.db.Casts.Commit(ctx, vote, func(ctx context.Context, members []*group.Member[votes.Vote]) error {
		return v.db.Write(ctx, func(tx Tx) error { return castVotes(ctx, tx, members) })
	})
	return wrap("cast vote", err)
}

// castVotes keeps a group's votes; who may not vote any more (see
// subscribers.Subscriber.MayVote) is told so, and the others' are kept.
func castVotes(ctx context.Context, tx Tx, members []*group.Member[votes.Vote]) error {
	there, err := holdVoters(ctx, tx, members)
	if err != nil {
		return err
	}
	var list []votes.Vote
	for _, m := range members {
		if m.Err = nil; !there[m.Row.Reader] {
			m.Err = subscribers.ErrNotFound
			continue
		}
		list = append(list, m.Row)
	}
	if list = votes.Last(list); len(list) == 0 {
		return nil
	}
	return tx.Dialect().InsertVotes(ctx, tx, list)
}

// holdVoters gives those of a group's readers who may vote, and keeps them from
// being erased until the transaction ends.
func holdVoters(ctx context.Context, tx Tx, members []*group.Member[votes.Vote]) (map[int64]bool, error) {
	ids := make([]int64, len(members))
	for i, m := range members {
		ids[i] = m.Row.Reader
	}
	d := tx.Dialect()
	list, err := d.List(ids)
	if err != nil {
		return nil, err
	}
	there := make(map[int64]bool, len(ids))
	err = each(ctx, tx, func(rows Rows) error {
		var id int64
		err := rows.Scan(&id)
		there[id] = true
		return err
	}, "SELECT id FROM subscribers WHERE "+d.Among("id", "$1")+" AND "+IsMailable+" ORDER BY id"+d.HoldKey, list)
	return there, err
}

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
