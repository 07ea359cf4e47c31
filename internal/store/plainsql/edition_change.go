package plainsql

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// A transition gives an edition as it is after a change, or says why not.
type transition = func(edition.Edition) (edition.Edition, error)

// Change changes a week's edition in one transaction.
func (s Editions) Change(ctx context.Context, w edition.Week, change func(edition.Edition) (edition.Edition, error)) (edition.Edition, error) {
	return s.change(ctx, w, change, nil)
}

// Revise replaces the content of a week's edition, and keeps the build.
func (s Editions) Revise(ctx context.Context, w edition.Week, r edition.Revision) (edition.Edition, error) {
	revise := func(e edition.Edition) (edition.Edition, error) { return e.Revise(r) }
	return s.change(ctx, w, revise, func(tx Tx, id int64) error {
		if r.Build == nil {
			return nil
		}
		return insertBuild(ctx, tx, id, *r.Build, r.At)
	})
}

// change is Change with what else belongs to its transaction; nil: nothing.
func (s Editions) change(ctx context.Context, w edition.Week, change transition, also func(Tx, int64) error) (edition.Edition, error) {
	var e edition.Edition
	err := s.Write(ctx, func(tx Tx) error {
		old, err := readEdition(ctx, tx, w, tx.Dialect().Lock)
		if err != nil {
			return err
		}
		if e, err = change(old); err != nil {
			return err
		}
		if err = saveEdition(ctx, tx, old, e); err == nil && also != nil {
			err = also(tx, old.ID)
		}
		if err != nil {
			return fmt.Errorf("save edition %s: %w", w, err)
		}
		return nil
	})
	return e, err
}

// ChangeEdition changes an edition within the caller's transaction.
func ChangeEdition(ctx context.Context, tx Tx, id int64, change transition) (edition.Edition, error) {
	list, err := queryEditions(ctx, tx, "WHERE e.id = $1", []any{id}, tx.Dialect().Lock)
	if err != nil {
		return edition.Edition{}, err
	}
	if len(list) == 0 {
		return edition.Edition{}, fmt.Errorf("edition with id %d: %w", id, edition.ErrNotFound)
	}
	e, err := change(list[0])
	if err != nil {
		return list[0], err
	}
	return e, saveEdition(ctx, tx, list[0], e)
}

// saveEdition keeps an edition over what was recorded of it. A cancelled one has
// nobody in the queue.
func saveEdition(ctx context.Context, tx Tx, old, e edition.Edition) error {
	_, err := tx.Exec(ctx, `
		UPDATE editions
		SET state = $1,
		    slot = $2,
		    since = $3,
		    cutoff = $4,
		    subject = $5,
		    preheader = $6,
		    hash = $7,
		    approved_hash = $8,
		    approved_by = $9,
		    needs_approval = $10,
		    skipped_by = $11,
		    pause_reason = $12,
		    edits_version = $13,
		    built_at = $14,
		    frozen_at = $15,
		    finished_at = $16
		WHERE id = $17`,
		string(e.State),
		column.Millis(e.Slot),
		column.Millis(e.Since),
		column.Millis(e.Cutoff),
		e.Subject,
		e.Preheader,
		e.Hash,
		e.ApprovedHash,
		e.ApprovedBy,
		e.NeedsApproval,
		e.SkippedBy,
		e.PauseReason,
		e.EditsVersion,
		column.Millis(e.BuiltAt),
		column.Millis(e.FrozenAt),
		column.Millis(e.FinishedAt),
		old.ID)
	if err != nil {
		return err
	}
	if !slices.Equal(old.Items, e.Items) || !slices.Equal(old.Carried, e.Carried) {
		if err := replaceItems(ctx, tx, old.ID, e.Items, e.Carried); err != nil {
			return err
		}
	}
	if e.State == edition.Cancelled {
		_, err = Withdraw(ctx, tx, old.ID, e.FinishedAt)
	}
	return err
}

func replaceItems(ctx context.Context, tx Tx, id int64, featured, carried []edition.Item) error {
	if _, err := tx.Exec(ctx, `DELETE FROM edition_items WHERE edition_id = $1`, id); err != nil {
		return err
	}
	for kind, items := range [][]edition.Item{featured, carried} {
		for pos, it := range items {
			if err := insertItem(ctx, tx, id, kind == 1, pos, it); err != nil {
				return fmt.Errorf("item %s: %w", it.Slug, err)
			}
		}
	}
	return nil
}

func insertItem(ctx context.Context, tx Tx, id int64, carried bool, pos int, it edition.Item) error {
	facts, err := json.Marshal(it.Facts)
	if err != nil {
		return err
	}
	var unread []byte
	if it.Unread != (edition.Unread{}) {
		if unread, err = json.Marshal(it.Unread); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO edition_items (edition_id, carried, position, slug, tool_a, tool_b, facts, unread)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, carried, pos, it.Slug, it.Tools[0], it.Tools[1], string(facts), string(unread))
	return err
}

// insertBuild keeps a build and forgets the oldest. The same content as the
// current build's is the current build.
func insertBuild(ctx context.Context, tx Tx, id int64, b edition.Build, at time.Time) error {
	var current string
	err := tx.QueryRow(ctx, `
		SELECT hash FROM edition_builds WHERE edition_id = $1 ORDER BY id DESC LIMIT 1`, id).Scan(&current)
	if err != nil && !noRows(err) {
		return err
	}
	if current == b.Hash {
		return nil
	}
	readers, err := json.Marshal(b.Readers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO edition_builds (edition_id, hash, subject, preheader, html, uninlined, text, built_at, readers)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, b.Hash, b.Subject, b.Preheader, b.HTML, b.Uninlined, b.Text, column.Millis(at), string(readers))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM edition_builds
		WHERE edition_id = $1 AND id NOT IN (
			SELECT id FROM edition_builds WHERE edition_id = $1 ORDER BY id DESC LIMIT $2)`,
		id, edition.KeepBuilds)
	return err
}
