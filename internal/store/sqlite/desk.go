package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// A Desk keeps what editors do, note and approve, and every saving of their
// edits.
type Desk struct{ db *DB }

var _ edition.Book = Desk{}

// Desk gives the database's records of the edition.
func (db *DB) Desk() Desk { return Desk{db} }

// Acts gives what was done to a week, the newest first.
func (s Desk) Acts(ctx context.Context, w edition.Week) ([]edition.Act, error) {
	return list(ctx, s.db, `SELECT at, by, what, detail FROM desk_acts WHERE week = ? ORDER BY id DESC`, w,
		func(rows *sql.Rows) (a edition.Act, err error) {
			var at int64
			err = rows.Scan(&at, &a.By, &a.What, &a.Detail)
			a.At = fromMillis(at)
			return a, err
		})
}

// Record keeps what was done to a week.
func (s Desk) Record(ctx context.Context, w edition.Week, a edition.Act) error {
	return s.exec(ctx, `INSERT INTO desk_acts (week, at, by, what, detail) VALUES (?, ?, ?, ?, ?)`,
		w.String(), toMillis(a.At), a.By, a.What, a.Detail)
}

// Notes gives a week's notes, the oldest first.
func (s Desk) Notes(ctx context.Context, w edition.Week) ([]edition.Note, error) {
	return list(ctx, s.db, `SELECT id, slug, text, by, at, resolved_by, resolved_at FROM desk_notes WHERE week = ? ORDER BY id`, w,
		func(rows *sql.Rows) (n edition.Note, err error) {
			var at, resolved int64
			err = rows.Scan(&n.ID, &n.Slug, &n.Text, &n.By, &at, &n.ResolvedBy, &resolved)
			n.At, n.ResolvedAt = fromMillis(at), fromMillis(resolved)
			return n, err
		})
}

// AddNote keeps a note.
func (s Desk) AddNote(ctx context.Context, w edition.Week, n edition.Note) error {
	return s.exec(ctx, `INSERT INTO desk_notes (week, slug, text, by, at) VALUES (?, ?, ?, ?, ?)`,
		w.String(), n.Slug, n.Text, n.By, toMillis(n.At))
}

// ResolveNote settles a week's note; one that is settled stays as it is.
func (s Desk) ResolveNote(ctx context.Context, w edition.Week, id int64, by string, at time.Time) error {
	return s.exec(ctx, `UPDATE desk_notes SET resolved_by = ?, resolved_at = ? WHERE week = ? AND id = ? AND resolved_at = 0`,
		by, toMillis(at), w.String(), id)
}

// Approvals gives who has approved this content, the first one first.
func (s Desk) Approvals(ctx context.Context, w edition.Week, hash string) ([]string, error) {
	return list(ctx, s.db, `SELECT by FROM desk_approvals WHERE week = ?1 AND hash = ?2 ORDER BY at, by`, w,
		func(rows *sql.Rows) (by string, err error) { return by, rows.Scan(&by) }, hash)
}

// AddApproval keeps that somebody approves this content; twice is once.
func (s Desk) AddApproval(ctx context.Context, w edition.Week, hash, by string, at time.Time) error {
	return s.exec(ctx, `INSERT INTO desk_approvals (week, hash, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		w.String(), hash, by, toMillis(at))
}

// DropApprovals forgets the approvals of a week.
func (s Desk) DropApprovals(ctx context.Context, w edition.Week) error {
	return s.exec(ctx, `DELETE FROM desk_approvals WHERE week = ?`, w.String())
}

// Savings gives every saving of a week's edits, the newest first.
func (s Desk) Savings(ctx context.Context, w edition.Week) ([]edition.Edits, error) {
	return list(ctx, s.db, `SELECT edits FROM edition_edits_kept WHERE week = ? ORDER BY version DESC`, w,
		func(rows *sql.Rows) (e edition.Edits, err error) {
			var text []byte
			if err = rows.Scan(&text); err != nil {
				return e, err
			}
			return e, json.Unmarshal(text, &e)
		})
}

func (s Desk) exec(ctx context.Context, stmt string, args ...any) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, stmt, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the desk's records: %w", err)
	}
	return nil
}

// list reads the rows about a week.
func list[T any](ctx context.Context, db *DB, query string, w edition.Week, scan func(*sql.Rows) (T, error), args ...any) ([]T, error) {
	return rowsOf(ctx, db, scan, query, append([]any{w.String()}, args...)...)
}

// rowsOf reads the rows of a query of the desk.
func rowsOf[T any](ctx context.Context, db *DB, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	rows, err := db.r.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the desk's records: %w", fault(db.path, err))
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read the desk's records: %w", fault(db.path, err))
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
