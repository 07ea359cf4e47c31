package sqlite

import (
	"context"
	"database/sql"
	"fmt"

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
