package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

var (
	_ edition.Store = (*DB)(nil)
	_ edition.Desk  = (*DB)(nil)
)

// A querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// InsertEdition makes the edition of e.Week unless the week has one.
func (db *DB) InsertEdition(ctx context.Context, e edition.Edition) (edition.Edition, bool, error) {
	if e.State != edition.Draft && e.State != edition.Skipped && e.State != edition.Missed {
		return edition.Edition{}, false, fmt.Errorf("insert edition %s as %s: %w", e.Week, e.State, edition.ErrState)
	}
	var created bool
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		if created, err = insertEdition(ctx, tx, e); err != nil {
			return err
		}
		e, err = editionOf(ctx, tx, e.Week)
		return err
	})
	if err != nil {
		return edition.Edition{}, false, fmt.Errorf("insert edition: %w", err)
	}
	return e, created, nil
}

func insertEdition(ctx context.Context, tx *sql.Tx, e edition.Edition) (created bool, err error) {
	var finished time.Time
	if e.State.Finished() {
		finished = e.CreatedAt
	}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO editions (week, state, slot, since, cutoff, created_at, finished_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (week) DO NOTHING`,
		e.Week.String(),
		string(e.State),
		toMillis(e.Slot),
		toMillis(e.Since),
		toMillis(e.Cutoff),
		toMillis(e.CreatedAt),
		toMillis(finished),
	)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return false, err
	}
	return true, insertItems(ctx, tx, id, e.Items, e.Carried)
}

// Edition gives the edition of a week.
func (db *DB) Edition(ctx context.Context, w edition.Week) (edition.Edition, error) {
	var e edition.Edition
	err := db.readTx(ctx, func(tx *sql.Tx) error {
		var err error
		e, err = editionOf(ctx, tx, w)
		return err
	})
	if err != nil {
		return edition.Edition{}, fmt.Errorf("read edition: %w", err)
	}
	return e, nil
}

// Editions lists all editions, the oldest week first.
func (db *DB) Editions(ctx context.Context) ([]edition.Edition, error) {
	var list []edition.Edition
	err := db.readTx(ctx, func(tx *sql.Tx) error {
		var err error
		list, err = queryEditions(ctx, tx, "", nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list editions: %w", err)
	}
	return list, nil
}

// readTx runs fn on one snapshot of the database, so that an edition and its
// items belong together.
func (db *DB) readTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.r.BeginTx(ctx, nil)
	if err != nil {
		return fault(db.path, fmt.Errorf("begin: %w", err))
	}
	return fault(db.path, errors.Join(fn(tx), ignoreDone(tx.Rollback())))
}

// MoveEdition changes the state of a week's edition.
func (db *DB) MoveEdition(ctx context.Context, w edition.Week, to edition.State, at time.Time) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		e, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		if to == edition.Approved || to == edition.Sending {
			return fmt.Errorf("edition %s becomes %s by approval or by the freeze only: %w", w, to, edition.ErrState)
		}
		return setEditionState(ctx, tx, e.ID, to, at)
	})
	if err != nil {
		return fmt.Errorf("set edition %s: %w", to, err)
	}
	return nil
}

// setEditionState moves an edition along the table of transitions within the
// caller's transaction. An approval ends with a return to draft, a pause with
// the end of sending.
func setEditionState(ctx context.Context, tx *sql.Tx, id int64, to edition.State, at time.Time) error {
	w, from, err := editionState(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := edition.Check(w, from, to); err != nil {
		return err
	}
	var finished time.Time
	if to.Finished() {
		finished = at
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE editions
		SET state = ?1,
		    finished_at = ?2,
		    pause_reason = '',
		    approved_hash = CASE ?1 WHEN 'draft' THEN '' ELSE approved_hash END,
		    approved_by = CASE ?1 WHEN 'draft' THEN '' ELSE approved_by END
		WHERE id = ?3`,
		string(to), toMillis(finished), id)
	return err
}

func editionState(ctx context.Context, q querier, id int64) (edition.Week, edition.State, error) {
	var week, state string
	err := q.QueryRowContext(ctx, `SELECT week, state FROM editions WHERE id = ?`, id).Scan(&week, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return edition.Week{}, "", fmt.Errorf("edition with id %d: %w", id, edition.ErrNotFound)
	}
	if err != nil {
		return edition.Week{}, "", err
	}
	w, err := edition.ParseWeek(week)
	return w, edition.State(state), err
}
