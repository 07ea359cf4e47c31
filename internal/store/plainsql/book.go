package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// A Desk keeps what editors do, note and approve.
type Desk struct{ DB }

var _ edition.Book = Desk{}

// Acts gives what was done to a week, the newest first.
func (s Desk) Acts(ctx context.Context, w edition.Week) ([]edition.Act, error) {
	return ofWeek(ctx, s.DB, `SELECT at, by, what, detail FROM desk_acts WHERE week = $1 ORDER BY id DESC`, w,
		func(row Rows) (a edition.Act, err error) {
			var at int64
			err = row.Scan(&at, &a.By, &a.What, &a.Detail)
			a.At = column.Time(at)
			return a, err
		})
}

// Record keeps what was done to a week.
func (s Desk) Record(ctx context.Context, w edition.Week, a edition.Act) error {
	return s.exec(ctx, `INSERT INTO desk_acts (week, at, by, what, detail) VALUES ($1, $2, $3, $4, $5)`,
		w.String(), column.Millis(a.At), a.By, a.What, a.Detail)
}

// Notes gives a week's notes, the oldest first.
func (s Desk) Notes(ctx context.Context, w edition.Week) ([]edition.Note, error) {
	return ofWeek(ctx, s.DB, `SELECT id, slug, text, by, at, resolved_by, resolved_at FROM desk_notes WHERE week = $1 ORDER BY id`, w,
		func(row Rows) (n edition.Note, err error) {
			var at, resolved int64
			err = row.Scan(&n.ID, &n.Slug, &n.Text, &n.By, &at, &n.ResolvedBy, &resolved)
			n.At, n.ResolvedAt = column.Time(at), column.Time(resolved)
			return n, err
		})
}

// AddNote keeps a note.
func (s Desk) AddNote(ctx context.Context, w edition.Week, n edition.Note) error {
	return s.exec(ctx, `INSERT INTO desk_notes (week, slug, text, by, at) VALUES ($1, $2, $3, $4, $5)`,
		w.String(), n.Slug, n.Text, n.By, column.Millis(n.At))
}

// ResolveNote settles a week's note; one that is settled stays as it is.
func (s Desk) ResolveNote(ctx context.Context, w edition.Week, id int64, by string, at time.Time) error {
	return s.exec(ctx, `UPDATE desk_notes SET resolved_by = $1, resolved_at = $2 WHERE week = $3 AND id = $4 AND resolved_at = 0`,
		by, column.Millis(at), w.String(), id)
}

// Approvals gives who has approved this content, the first one first.
func (s Desk) Approvals(ctx context.Context, w edition.Week, hash string) ([]string, error) {
	return ofWeek(ctx, s.DB, `SELECT by FROM desk_approvals WHERE week = $1 AND hash = $2 ORDER BY at, by`, w, func(row Rows) (by string, err error) { return by, row.Scan(&by) }, hash)
}

// AddApproval keeps that somebody approves this content; twice is once.
func (s Desk) AddApproval(ctx context.Context, w edition.Week, hash, by string, at time.Time) error {
	return s.exec(ctx, `INSERT INTO desk_approvals (week, hash, by, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		w.String(), hash, by, column.Millis(at))
}

// DropApprovals forgets the approvals of a week.
func (s Desk) DropApprovals(ctx context.Context, w edition.Week) error {
	return s.exec(ctx, `DELETE FROM desk_approvals WHERE week = $1`, w.String())
}

func (s Desk) exec(ctx context.Context, stmt string, args ...any) error {
	err := s.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, stmt, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the desk's records: %w", err)
	}
	return nil
}

// ofWeek reads the rows about a week.
func ofWeek[T any](ctx context.Context, db DB, query string, w edition.Week, scan func(Rows) (T, error), args ...any) ([]T, error) {
	return listOf(ctx, db, scan, query, append([]any{w.String()}, args...)...)
}

// listOf reads the rows of a query of the desk; none is nil.
func listOf[T any](ctx context.Context, db DB, scan func(Rows) (T, error), query string, args ...any) ([]T, error) {
	return rowsOf(ctx, db, "read the desk's records", scan, query, args...)
}
