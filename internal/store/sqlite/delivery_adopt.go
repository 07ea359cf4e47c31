package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// adoptBatch is how many readers one statement takes over.
const adoptBatch = 10_000

// Adopt records a send of which only the journals know; see delivery.Restorer.
func (d Deliveries) Adopt(ctx context.Context, a delivery.Adoption) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		id, err := plainsql.AdoptEdition(ctx, plainTx{tx}, a)
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

// adoptReaders records that readers were mailed, also those who came to the list after
// the backup and of whom it has no address.
func adoptReaders(ctx context.Context, tx *sql.Tx, id int64, readers []int64, at time.Time) (int64, error) {
	list, err := marshalled(readers)
	if err != nil {
		return 0, err
	}
	return changed(tx.ExecContext(ctx, `
		INSERT INTO deliveries (edition_id, subscriber_id, address_hash, state, dots, at, reply)
		SELECT ?, j.value, coalesce(s.address_hash, -j.value), `+stateUnknown+`, 1, ?, ?
		FROM json_each(?) j LEFT JOIN subscribers s ON s.id = j.value
		ON CONFLICT DO NOTHING`,
		id, toMillis(at), padReply(delivery.ReplyRestored), list))
}
