package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"verdicts.example/digest/internal/edition"
)

// ChangeEdition changes a week's edition in one transaction.
func (db *DB) ChangeEdition(ctx context.Context, w edition.Week, change func(edition.Edition) (edition.Edition, error)) (edition.Edition, error) {
	var e edition.Edition
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		old, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		if e, err = change(old); err != nil {
			return err
		}
		return saveEdition(ctx, tx, old, e)
	})
	return e, err
}

// saveEdition keeps an edition over what was recorded of it.
func saveEdition(ctx context.Context, tx *sql.Tx, old, e edition.Edition) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE editions
		SET state = ?,
		    slot = ?,
		    since = ?,
		    cutoff = ?,
		    subject = ?,
		    preheader = ?,
		    hash = ?,
		    approved_hash = ?,
		    approved_by = ?,
		    pause_reason = ?,
		    built_at = ?,
		    frozen_at = ?,
		    finished_at = ?
		WHERE id = ?`,
		string(e.State),
		toMillis(e.Slot),
		toMillis(e.Since),
		toMillis(e.Cutoff),
		e.Subject,
		e.Preheader,
		e.Hash,
		e.ApprovedHash,
		e.ApprovedBy,
		e.PauseReason,
		toMillis(e.BuiltAt),
		toMillis(e.FrozenAt),
		toMillis(e.FinishedAt),
		old.ID)
	if err != nil {
		return fmt.Errorf("save edition %s: %w", e.Week, err)
	}
	if !slices.Equal(old.Items, e.Items) || !slices.Equal(old.Carried, e.Carried) {
		if err := replaceItems(ctx, tx, old.ID, e.Items, e.Carried); err != nil {
			return err
		}
	}
	if e.State == edition.Cancelled {
		_, err = withdrawDeliveries(ctx, tx, old.ID, e.FinishedAt)
	}
	return err
}

func replaceItems(ctx context.Context, tx *sql.Tx, id int64, featured, carried []edition.Item) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM edition_items WHERE edition_id = ?`, id); err != nil {
		return err
	}
	return insertItems(ctx, tx, id, featured, carried)
}
