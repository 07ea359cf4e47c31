package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// ReviseEdition replaces the content of a week's edition.
func (db *DB) ReviseEdition(ctx context.Context, w edition.Week, r edition.Revision) (edition.Edition, error) {
	var e edition.Edition
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		if e, err = editionOf(ctx, tx, w); err != nil {
			return err
		}
		if err := edition.CheckBuild(w, e.State); err != nil {
			return err
		}
		if err := reviseEdition(ctx, tx, e, r); err != nil {
			return err
		}
		e, err = editionOf(ctx, tx, w)
		return err
	})
	if err != nil {
		return edition.Edition{}, fmt.Errorf("revise edition: %w", err)
	}
	return e, nil
}

func reviseEdition(ctx context.Context, tx *sql.Tx, e edition.Edition, r edition.Revision) error {
	next := revised(e, r)
	if _, err := tx.ExecContext(ctx, `DELETE FROM edition_items WHERE edition_id = ?`, e.ID); err != nil {
		return err
	}
	if err := insertItems(ctx, tx, e.ID, r.Items, r.Carried); err != nil {
		return err
	}
	if r.Build != nil {
		if err := insertBuild(ctx, tx, e.ID, *r.Build, r.At); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE editions
		SET state = ?, slot = ?, since = ?, cutoff = ?,
		    subject = ?, preheader = ?, hash = ?,
		    approved_hash = ?, approved_by = ?,
		    built_at = ?, finished_at = ?
		WHERE id = ?`,
		string(next.State), toMillis(r.Slot), toMillis(r.Since), toMillis(r.Cutoff),
		next.Subject, next.Preheader, next.Hash,
		next.ApprovedHash, next.ApprovedBy,
		toMillis(r.At), toMillis(next.FinishedAt),
		e.ID)
	return err
}

// revised gives the edition's state, approval and headline after a revision.
func revised(e edition.Edition, r edition.Revision) edition.Edition {
	e.Subject, e.Preheader, e.Hash = "", "", ""
	if r.Build != nil {
		e.Subject, e.Preheader, e.Hash = r.Build.Subject, r.Build.Preheader, r.Build.Hash
	}
	if e.ApprovedHash != e.Hash || e.Hash == "" {
		e.ApprovedHash, e.ApprovedBy = "", ""
	}
	e.FinishedAt = time.Time{}
	switch {
	case e.State == edition.Held:
	case r.Build == nil:
		e.State, e.FinishedAt = edition.Skipped, r.At
	case e.ApprovedHash != "":
		e.State = edition.Approved
	default:
		e.State = edition.Draft
	}
	return e
}

// insertBuild keeps a build and forgets the oldest. The same content as the
// current build's is the current build.
func insertBuild(ctx context.Context, tx *sql.Tx, id int64, b edition.Build, at time.Time) error {
	var current string
	err := tx.QueryRowContext(ctx, `
		SELECT hash FROM edition_builds WHERE edition_id = ? ORDER BY id DESC LIMIT 1`, id).Scan(&current)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if current == b.Hash {
		return nil
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO edition_builds (edition_id, hash, subject, preheader, html, uninlined, text, built_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, b.Hash, b.Subject, b.Preheader, b.HTML, b.Uninlined, b.Text, toMillis(at))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM edition_builds
		WHERE edition_id = ?1 AND id NOT IN (
			SELECT id FROM edition_builds WHERE edition_id = ?1 ORDER BY id DESC LIMIT ?2)`,
		id, edition.KeepBuilds)
	return err
}

// EditionBuilds gives the last builds, the newest first.
func (db *DB) EditionBuilds(ctx context.Context, w edition.Week) ([]edition.Build, error) {
	var list []edition.Build
	err := db.readTx(ctx, func(tx *sql.Tx) error {
		e, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		list, err = queryBuilds(ctx, tx, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	return list, nil
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
