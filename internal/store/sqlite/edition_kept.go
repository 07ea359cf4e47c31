package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
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
		SELECT hash, subject, preheader, html, uninlined, text, built_at, readers
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
		var readers []byte
		if err := rows.Scan(&b.Hash, &b.Subject, &b.Preheader, &b.HTML, &b.Uninlined, &b.Text, &at, &readers); err != nil {
			return nil, err
		}
		if len(readers) > 0 {
			if err := json.Unmarshal(readers, &b.Readers); err != nil {
				return nil, err
			}
		}
		b.BuiltAt = fromMillis(at)
		list = append(list, b)
	}
	return list, rows.Err()
}

// Frozen gives the frozen variants of a week's edition.
func (s Editions) Frozen(ctx context.Context, w edition.Week) ([]edition.Variant, error) {
	list, err := s.frozen(ctx, w)
	if err == nil && len(list) == 0 {
		err = edition.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read frozen message of %s: %w", w, fault(s.db.path, err))
	}
	return list, nil
}

func (s Editions) frozen(ctx context.Context, w edition.Week) ([]edition.Variant, error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT f.variant, f.message, f.sender
		FROM edition_frozen f JOIN editions e ON e.id = f.edition_id
		WHERE e.week = ?
		ORDER BY f.variant`, w.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []edition.Variant
	for rows.Next() {
		var v edition.Variant
		var sender []byte
		if err := rows.Scan(&v.Number, &v.Message, &sender); err != nil {
			return nil, err
		}
		if len(sender) > 0 {
			if err := json.Unmarshal(sender, &v.Sender); err != nil {
				return nil, err
			}
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// insertFrozen keeps one variant of an edition's frozen bytes.
func insertFrozen(ctx context.Context, tx *sql.Tx, id int64, v edition.Variant) error {
	sender, err := json.Marshal(v.Sender)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO edition_frozen (edition_id, variant, message, sender) VALUES (?, ?, ?, ?)`,
		id, v.Number, v.Message, string(sender))
	return err
}
