package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Compact drops the accepted and suppressed deliveries of every edition whose
// send ended before then, and keeps their counts: what stays is copied into a
// small table, and the large one is dropped, which gives its room back at once.
func (d Deliveries) Compact(ctx context.Context, before, at time.Time) (dropped int64, err error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT edition_id FROM sends
		WHERE finished_at > 0 AND finished_at < $1 AND compacted_at = 0`, column.Millis(before))
	ids, err := collect(rows, err, pgx.RowTo[int64])
	if err != nil {
		return 0, fmt.Errorf("compact deliveries: %w", d.db.fault(err))
	}
	for _, id := range ids {
		n, err := d.compactSend(ctx, id, at)
		dropped += n
		if err != nil {
			return dropped, fmt.Errorf("compact deliveries of edition %d: %w", id, err)
		}
	}
	return dropped, nil
}

func (d Deliveries) compactSend(ctx context.Context, id int64, at time.Time) (dropped int64, err error) {
	err = d.db.inTx(ctx, func(tx pgx.Tx) error {
		n, err := run(ctx, tx, `
			UPDATE sends SET compacted_at = $1 WHERE edition_id = $2 AND finished_at > 0 AND compacted_at = 0`, column.Millis(at), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return delivery.ErrNotCompactable // reopened by a resolve meanwhile
		}
		if dropped, err = replaceTable(ctx, tx, id); err != nil {
			return err
		}
		return plainsql.DropLines(ctx, plainTx{tx}, id)
	})
	return dropped, err
}

// replaceTable puts what a compaction keeps in place of an edition's table.
func replaceTable(ctx context.Context, tx pgx.Tx, id int64) (dropped int64, err error) {
	name, old := tableOf(id), tableOf(id)+"_old"
	for _, move := range []string{
		`LOCK TABLE ` + name + ` IN ACCESS EXCLUSIVE MODE`,
		`ALTER TABLE deliveries DETACH PARTITION ` + name,
		`ALTER TABLE ` + name + ` RENAME TO ` + old,
		`ALTER TABLE ` + old + ` DROP CONSTRAINT ` + name + `_reader, DROP CONSTRAINT ` + name + `_address, DROP CONSTRAINT IF EXISTS ` + name + `_edition`,
		`DROP INDEX ` + name + `_due`,
	} {
		if _, err := tx.Exec(ctx, move); err != nil {
			return 0, err
		}
	}
	if err := makeTable(ctx, tx, name, fillToKeep); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO `+name+` SELECT * FROM `+old+` WHERE state NOT IN (`+plainsql.Dropped+`) ORDER BY subscriber_id`); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM `+old+` WHERE state IN (`+plainsql.Dropped+`)`).Scan(&dropped)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DROP TABLE `+old); err != nil {
		return 0, err
	}
	return dropped, attachTable(ctx, tx, id, name)
}
