package plainsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

var (
	_ edition.EditStore = Editions{}
	_ edition.Amender   = Editions{}
)

// Edits gives what an editor decided about a week.
func (s Editions) Edits(ctx context.Context, w edition.Week) (edition.Edits, error) {
	var e edition.Edits
	err := s.Read(ctx, func(tx Tx) (err error) {
		e, err = editsOf(ctx, tx, w)
		return err
	})
	if err != nil {
		return edition.Edits{}, fmt.Errorf("read edits of %s: %w", w, err)
	}
	return e, nil
}

// Savings gives every saving of a week's edits, the newest first.
func (s Editions) Savings(ctx context.Context, w edition.Week) ([]edition.Edits, error) {
	return ofWeek(ctx, s.DB, `SELECT edits FROM edition_edits_kept WHERE week = $1 ORDER BY version DESC`, w,
		func(row Rows) (e edition.Edits, err error) {
			var saved string
			if err = row.Scan(&saved); err != nil {
				return e, err
			}
			return e, json.Unmarshal([]byte(saved), &e)
		})
}

// SaveEdits keeps what an editor decided over what that editor saw.
func (s Editions) SaveEdits(ctx context.Context, w edition.Week, e edition.Edits, by string, at time.Time) (next edition.Edits, err error) {
	err = s.Write(ctx, func(tx Tx) error {
		recorded, err := EditionOf(ctx, tx, w)
		if err == nil {
			err = recorded.Editable()
		}
		if err != nil && !errors.Is(err, edition.ErrNotFound) {
			return err
		}
		kept, err := editsOf(ctx, tx, w)
		if err != nil {
			return err
		}
		if next, err = e.Next(kept, by, at); err != nil {
			return err
		}
		return saveEdits(ctx, tx, w, next)
	})
	return next, err
}

func editsOf(ctx context.Context, q Tx, w edition.Week) (e edition.Edits, err error) {
	var text []byte
	err = q.QueryRow(ctx, `SELECT edits FROM edition_edits WHERE week = $1`, w.String()).Scan(&text)
	if noRows(err) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}

func saveEdits(ctx context.Context, tx Tx, w edition.Week, e edition.Edits) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO edition_edits (week, version, edits) VALUES ($1, $2, $3)
		ON CONFLICT (week) DO UPDATE SET version = excluded.version, edits = excluded.edits
		WHERE edition_edits.version = excluded.version - 1`,
		w.String(), e.Version, string(text))
	if err == nil && n == 0 { // another has saved since editsOf
		err = edition.ErrStale
	}
	if err != nil {
		return fmt.Errorf("save edits of %s: %w", w, err)
	}
	return nil
}
