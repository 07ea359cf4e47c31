package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Votes are readers' votes.
type Votes struct{ db *DB }

// Votes gives the database's votes.
func (db *DB) Votes() Votes { return Votes{db} }

// Cast keeps a vote in the place of the reader's earlier one. It returns when the
// vote is durable, with others that came at the same time.
func (v Votes) Cast(ctx context.Context, vote votes.Vote) error {
	if err := v.db.votes.Commit(ctx, vote, inGroup(v.db, insertVotes)); err != nil {
		return fmt.Errorf("cast vote: %w", err)
	}
	return nil
}

func insertVotes(ctx context.Context, tx *sql.Tx, members []*group.Member[votes.Vote]) error {
	insert, err := tx.PrepareContext(ctx, `
		INSERT INTO votes (slug, tool, subscriber_id, ship, at)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM subscribers WHERE id = ?3)
		ON CONFLICT (slug, tool, subscriber_id) DO UPDATE SET ship = excluded.ship, at = excluded.at`)
	if err != nil {
		return err
	}
	defer insert.Close() // its transaction ends
	for _, m := range members {
		n, err := changed(insert.ExecContext(ctx, m.Row.Slug, m.Row.Tool, m.Row.Reader, m.Row.Choice, toMillis(m.Row.At)))
		if err != nil {
			return err
		}
		if n == 0 { // the others' votes are kept
			m.Err = subscribers.ErrNotFound
		}
	}
	return nil
}

// Of gives what a reader has said of both tools of a comparison.
func (v Votes) Of(ctx context.Context, reader int64, slug string) ([2]votes.Choice, error) {
	out := [2]votes.Choice{votes.None, votes.None}
	rows, err := v.db.r.QueryContext(ctx, "SELECT tool, ship FROM votes WHERE slug = ? AND subscriber_id = ?", slug, reader)
	if err != nil {
		return out, fmt.Errorf("read votes: %w", fault(v.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var tool int
		var choice votes.Choice
		if err := rows.Scan(&tool, &choice); err != nil {
			return out, fmt.Errorf("read votes: %w", err)
		}
		out[tool] = choice
	}
	return out, rows.Err()
}

// Tallies gives what all votes come to.
func (v Votes) Tallies(ctx context.Context) (votes.Tallies, error) {
	rows, err := v.db.r.QueryContext(ctx, "SELECT slug, tool, ship, skip FROM vote_tallies WHERE ship + skip > 0")
	if err != nil {
		return nil, fmt.Errorf("read tallies: %w", fault(v.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	out := votes.Tallies{}
	for rows.Next() {
		var slug string
		var tool int
		var c votes.Count
		if err := rows.Scan(&slug, &tool, &c.Ship, &c.Skip); err != nil {
			return nil, fmt.Errorf("read tallies: %w", err)
		}
		both := out[slug]
		both[tool] = c
		out[slug] = both
	}
	return out, rows.Err()
}

// ByReader gives all that a reader has voted, the latest first.
func (v Votes) ByReader(ctx context.Context, reader int64) ([]votes.Vote, error) {
	rows, err := v.db.r.QueryContext(ctx, "SELECT slug, tool, ship, at FROM votes WHERE subscriber_id = ? ORDER BY at DESC, slug, tool", reader)
	if err != nil {
		return nil, fmt.Errorf("read votes: %w", fault(v.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	var out []votes.Vote
	for rows.Next() {
		vote := votes.Vote{Reader: reader}
		var at int64
		if err := rows.Scan(&vote.Slug, &vote.Tool, &vote.Choice, &at); err != nil {
			return nil, fmt.Errorf("read votes: %w", err)
		}
		vote.At = fromMillis(at)
		out = append(out, vote)
	}
	return out, rows.Err()
}
