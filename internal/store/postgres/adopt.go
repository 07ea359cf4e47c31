package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Adopt records a send of which only the journals know; see delivery.Restorer.
func (d Deliveries) Adopt(ctx context.Context, a delivery.Adoption) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx pgx.Tx) (err error) {
		n, err = d.adopt(ctx, tx, a)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("take edition %s over from its journals: %w", a.Week, err)
	}
	return n, nil
}

func (d Deliveries) adopt(ctx context.Context, tx pgx.Tx, a delivery.Adoption) (int64, error) {
	id, err := plainsql.AdoptEdition(ctx, plainTx{tx}, a)
	if err != nil {
		return 0, err
	}
	if err := makeTable(ctx, tx, tableOf(id), fillToKeep); err != nil {
		return 0, err
	}
	// Also those who came to the list after the backup, of whom it has no address.
	n, err := run(ctx, tx, `
		INSERT INTO `+tableOf(id)+` (edition_id, subscriber_id, address_hash, state, dots, at, reply)
		SELECT $1, j.id, coalesce(s.address_hash, -j.id), `+stateUnknown+`, 1, $2, $3
		FROM unnest($4::bigint[]) j (id) LEFT JOIN subscribers s ON s.id = j.id ORDER BY j.id`,
		id, column.Millis(a.SentAt), delivery.ReplyRestored, a.Readers)
	if err != nil {
		return 0, err
	}
	if err := attachTable(ctx, tx, id, tableOf(id)); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO sends (edition_id, recipients, started_at, finished_at) VALUES ($1, $2, $3, $3)`, id, n, column.Millis(a.SentAt))
	if err != nil {
		return 0, err
	}
	if err := insertShards(ctx, tx, id, n); err != nil {
		return 0, err
	}
	here, err := d.db.here(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, j := range a.Journals {
		_, err := tx.Exec(ctx, `
			INSERT INTO send_journals (edition_id, node, seq, server) VALUES ($1, $2, $3, $4)`, id, j.Node, int64(j.Seq), here.String())
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}
