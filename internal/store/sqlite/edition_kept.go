package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/edition"
)

// Builds gives the last builds of a week's edition, the newest first.
func (s Editions) Builds(ctx context.Context, w edition.Week) ([]edition.Build, error) {
	var list []edition.Build
	err := s.db.readTx(ctx, func(tx *sql.Tx) error {
		e, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		if list, err = queryBuilds(ctx, tx, e); err != nil {
			return fmt.Errorf("read builds of %s: %w", w, err)
		}
		return nil
	})
	return list, err
}

func queryBuilds(ctx context.Context, tx *sql.Tx, e edition.Edition) ([]edition.Build, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT hash, subject, preheader, html, uninlined, text, built_at
		FROM edition_builds
		WHERE edition_id = ?
		ORDER BY id DESC`, e.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []edition.Build
	for rows.Next() {
		b := edition.Build{Week: e.Week}
		var at int64
		if err := rows.Scan(&b.Hash, &b.Subject, &b.Preheader, &b.HTML, &b.Uninlined, &b.Text, &at); err != nil {
			return nil, err
		}
		b.BuiltAt = fromMillis(at)
		list = append(list, b)
	}
	return list, rows.Err()
}

// Message gives the frozen message of a week's edition.
func (s Editions) Message(ctx context.Context, w edition.Week) ([]byte, error) {
	var msg []byte
	err := s.db.r.QueryRowContext(ctx, `
		SELECT f.message
		FROM edition_frozen f JOIN editions e ON e.id = f.edition_id
		WHERE e.week = ?`, w.String()).Scan(&msg)
	if errors.Is(err, sql.ErrNoRows) {
		err = edition.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read frozen message of %s: %w", w, fault(s.db.path, err))
	}
	return msg, nil
}
