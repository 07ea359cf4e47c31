package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/plainsql"
)

// Sends gives the frozen editions by week.
func (d Deliveries) Sends(ctx context.Context) (map[string]int64, error) {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT e.week, e.id FROM sends s JOIN editions e ON e.id = s.edition_id`)
	if err != nil {
		return nil, fmt.Errorf("read sends: %w", fault(d.db.path, err))
	}
	defer rows.Close()
	known := map[string]int64{}
	for rows.Next() {
		var week string
		var id int64
		if err := rows.Scan(&week, &id); err != nil {
			return nil, fmt.Errorf("read sends: %w", fault(d.db.path, err))
		}
		known[week] = id
	}
	return known, fault(d.db.path, rows.Err())
}

// adoptBatch is how many readers one statement takes over.
const adoptBatch = 10_000

// Adopt records a send of which only the journals know; see delivery.Restorer.
func (d Deliveries) Adopt(ctx context.Context, a delivery.Adoption) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		id, err := adoptEdition(ctx, tx, a)
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(a.Readers, adoptBatch) {
			m, err := adoptReaders(ctx, tx, id, batch, a.SentAt)
			if err != nil {
				return err
			}
			n += m
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO sends (edition_id, recipients, started_at, finished_at) VALUES (?1, ?2, ?3, ?3)`,
			id, n, toMillis(a.SentAt))
		if err != nil {
			return err
		}
		for _, j := range a.Journals {
			_, err := tx.ExecContext(ctx, `INSERT INTO send_journals (edition_id, node, seq) VALUES (?, ?, ?)`, id, j.Node, int64(j.Seq))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take edition %s over from its journals: %w", a.Week, err)
	}
	return n, nil
}

// adoptEdition makes a week's edition a sent one.
func adoptEdition(ctx context.Context, tx *sql.Tx, a delivery.Adoption) (int64, error) {
	w, err := edition.ParseWeek(a.Week)
	if err != nil {
		return 0, err
	}
	e, err := plainsql.EditionOf(ctx, plainTx{tx}, w)
	if errors.Is(err, edition.ErrNotFound) {
		if _, err := plainsql.InsertEdition(ctx, plainTx{tx}, edition.Forgotten(w, a.SentAt)); err != nil {
			return 0, err
		}
		e, err = plainsql.EditionOf(ctx, plainTx{tx}, w)
	}
	if err != nil {
		return 0, err
	}
	_, err = plainsql.ChangeEdition(ctx, plainTx{tx}, e.ID, func(e edition.Edition) (edition.Edition, error) { return e.Adopt(a.SentAt) })
	return e.ID, err
}

func adoptReaders(ctx context.Context, tx *sql.Tx, id int64, readers []int64, at time.Time) (int64, error) {
	list, err := marshalled(readers)
	if err != nil {
		return 0, err
	}
	return changed(tx.ExecContext(ctx, `
		INSERT INTO deliveries (edition_id, subscriber_id, address_hash, state, dots, at, reply)
		SELECT ?, id, address_hash, `+stateUnknown+`, 1, ?, ?
		FROM subscribers
		WHERE id IN (SELECT value FROM json_each(?))
		ON CONFLICT DO NOTHING`,
		id, toMillis(at), padReply(delivery.ReplyRestored), list))
}
