package plainsql

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// Builds gives the last builds of a week's edition, the newest first.
func (s Editions) Builds(ctx context.Context, w edition.Week) ([]edition.Build, error) {
	var list []edition.Build
	err := s.Read(ctx, func(tx Tx) error {
		e, err := EditionOf(ctx, tx, w)
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

func queryBuilds(ctx context.Context, tx Tx, e edition.Edition) (list []edition.Build, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		b := edition.Build{Week: e.Week}
		var at int64
		var readers []byte
		if err := rows.Scan(&b.Hash, &b.Subject, &b.Preheader, &b.HTML, &b.Uninlined, &b.Text, &at, &readers); err != nil {
			return err
		}
		if len(readers) > 0 {
			if err := json.Unmarshal(readers, &b.Readers); err != nil {
				return err
			}
		}
		b.BuiltAt = column.Time(at)
		list = append(list, b)
		return nil
	}, `
		SELECT hash, subject, preheader, html, uninlined, text, built_at, readers
		FROM edition_builds
		WHERE edition_id = $1
		ORDER BY id DESC`, e.ID)
	return list, err
}

// Frozen gives the frozen variants of a week's edition.
func (s Editions) Frozen(ctx context.Context, w edition.Week) ([]edition.Variant, error) {
	var list []edition.Variant
	err := s.Read(ctx, func(tx Tx) (err error) {
		list, err = frozen(ctx, tx, w)
		return err
	})
	if err == nil && len(list) == 0 {
		err = edition.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read frozen message of %s: %w", w, err)
	}
	return list, nil
}

func frozen(ctx context.Context, tx Tx, w edition.Week) (list []edition.Variant, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var v edition.Variant
		var sender []byte
		var slugs string
		if err := rows.Scan(&v.Number, &v.Message, &sender, &slugs); err != nil {
			return err
		}
		if len(sender) > 0 {
			if err := json.Unmarshal(sender, &v.Sender); err != nil {
				return err
			}
		}
		if slugs != "" {
			v.Slugs = strings.Split(slugs, " ")
		}
		list = append(list, v)
		return nil
	}, `
		SELECT f.variant, f.message, f.sender, f.slugs
		FROM edition_frozen f JOIN editions e ON e.id = f.edition_id
		WHERE e.week = $1
		ORDER BY f.variant`, w.String())
	return list, err
}

// InsertFrozen keeps one variant of an edition's frozen bytes.
func InsertFrozen(ctx context.Context, tx Tx, id int64, v edition.Variant) error {
	sender, err := json.Marshal(v.Sender)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO edition_frozen (edition_id, variant, message, sender, slugs) VALUES ($1, $2, $3, $4, $5)`,
		id, v.Number, v.Message, string(sender), strings.Join(v.Slugs, " "))
	return err
}
