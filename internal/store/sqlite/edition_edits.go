package sqlite

import (
	"context"
	"database/sql"
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
	e, err := editsOf(ctx, s.db.r, w)
	if err != nil {
		return edition.Edits{}, fmt.Errorf("read edits of %s: %w", w, fault(s.db.path, err))
	}
	return e, nil
}

// SaveEdits keeps what an editor decided over what that editor saw.
func (s Editions) SaveEdits(ctx context.Context, w edition.Week, e edition.Edits, by string, at time.Time) (edition.Edits, error) {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		recorded, err := editionOf(ctx, tx, w)
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
		if e, err = e.Next(kept, by, at); err != nil {
			return err
		}
		return saveEdits(ctx, tx, w, e)
	})
	return e, err
}

func editsOf(ctx context.Context, q querier, w edition.Week) (e edition.Edits, err error) {
	var text []byte
	err = q.QueryRowContext(ctx, `SELECT edits FROM edition_edits WHERE week = ?`, w.String()).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(text, &e)
}

func saveEdits(ctx context.Context, tx *sql.Tx, w edition.Week, e edition.Edits) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO edition_edits (week, version, edits) VALUES (?, ?, ?)
		ON CONFLICT (week) DO UPDATE SET version = excluded.version, edits = excluded.edits`,
		w.String(), e.Version, string(text))
	if err != nil {
		return fmt.Errorf("save edits of %s: %w", w, err)
	}
	return nil
}
