package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/edition"
)

// ApproveEdition approves the content with this hash.
func (db *DB) ApproveEdition(ctx context.Context, w edition.Week, hash, by string) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		e, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		return approveEdition(ctx, tx, e, hash, by)
	})
	if err != nil {
		return fmt.Errorf("approve edition: %w", err)
	}
	return nil
}

func approveEdition(ctx context.Context, tx *sql.Tx, e edition.Edition, hash, by string) error {
	if e.State != edition.Approved {
		if err := edition.Check(e.Week, e.State, edition.Approved); err != nil {
			return err
		}
	}
	if e.Hash == "" {
		return fmt.Errorf("edition %s: %w", e.Week, edition.ErrNotBuilt)
	}
	if e.Hash != hash {
		return fmt.Errorf("edition %s is now %.12s, not %.12s; look at it again and approve that: %w",
			e.Week, e.Hash, hash, edition.ErrChanged)
	}
	if e.State == edition.Approved {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE editions SET state = 'approved', approved_hash = hash, approved_by = ? WHERE id = ?`,
		by, e.ID)
	return err
}

// PauseEdition notes why a sending edition rests; "" lets it go on.
func (db *DB) PauseEdition(ctx context.Context, w edition.Week, reason string) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		e, err := editionOf(ctx, tx, w)
		if err != nil {
			return err
		}
		return pauseEdition(ctx, tx, e.ID, reason)
	})
	if err != nil {
		return fmt.Errorf("pause edition: %w", err)
	}
	return nil
}

// pauseEdition is PauseEdition within the caller's transaction.
func pauseEdition(ctx context.Context, tx *sql.Tx, id int64, reason string) error {
	w, state, err := editionState(ctx, tx, id)
	if err != nil {
		return err
	}
	if state != edition.Sending {
		return fmt.Errorf("edition %s is %s; only a sending one can pause or go on: %w", w, state, edition.ErrState)
	}
	_, err = tx.ExecContext(ctx, `UPDATE editions SET pause_reason = ? WHERE id = ?`, reason, id)
	return err
}

// freezeEdition sets an edition sending and keeps the bytes that its readers
// will get, within the transaction that also writes the deliveries.
//
// It fails with ErrState when the edition's state is not in allowed (approved;
// draft too where approval is automatic) or ErrNotApproved when that is all
// that is missing, and with ErrChanged when the edition's current build is not
// the one with this hash, from which the frozen message was made.
func freezeEdition(ctx context.Context, tx *sql.Tx, id int64, hash string, frozen []byte, at time.Time, allowed ...edition.State) error {
	var week, current string
	var state edition.State
	err := tx.QueryRowContext(ctx, `SELECT week, state, hash FROM editions WHERE id = ?`, id).Scan(&week, &state, &current)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("edition with id %d: %w", id, edition.ErrNotFound)
	}
	if err != nil {
		return err
	}
	switch {
	case state == edition.Draft && !slices.Contains(allowed, state):
		return fmt.Errorf("edition %s is a draft; approve it first: %w", week, edition.ErrNotApproved)
	case !slices.Contains(allowed, state) || !state.CanBecome(edition.Sending):
		return fmt.Errorf("edition %s is %s and cannot be sent: %w", week, state, edition.ErrState)
	case current == "":
		return fmt.Errorf("edition %s: %w", week, edition.ErrNotBuilt)
	case current != hash:
		return fmt.Errorf("edition %s was built again: %w", week, edition.ErrChanged)
	}
	_, err = tx.ExecContext(ctx, `UPDATE editions SET state = 'sending', frozen_at = ? WHERE id = ?`, toMillis(at), id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO edition_frozen (edition_id, message) VALUES (?, ?)`, id, frozen)
	return err
}

// EditionMessage gives the frozen message of a week's edition.
func (db *DB) EditionMessage(ctx context.Context, w edition.Week) ([]byte, error) {
	var msg []byte
	err := db.r.QueryRowContext(ctx, `
		SELECT f.message
		FROM edition_frozen f JOIN editions e ON e.id = f.edition_id
		WHERE e.week = ?`, w.String()).Scan(&msg)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read frozen message of %s: %w", w, edition.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read frozen message of %s: %w", w, err)
	}
	return msg, nil
}
