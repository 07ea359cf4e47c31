package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// addSendNotice notes what the editors are to be told, within the transaction
// that it tells of.
func addSendNotice(ctx context.Context, tx *sql.Tx, edition int64, paused string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO send_notices (edition_id, paused, at) VALUES (?, ?, ?)`,
		edition, paused, toMillis(at))
	return err
}

// SendNotices gives what the editors have not been told; see delivery.Announcer.
func (db *DB) SendNotices(ctx context.Context) (list []delivery.Notice, err error) {
	rows, err := db.r.QueryContext(ctx, `
		SELECT n.id,
		       n.edition_id,
		       e.week,
		       n.paused,
		       n.at
		FROM send_notices n JOIN editions e ON e.id = n.edition_id
		ORDER BY n.id`)
	if err != nil {
		return nil, fmt.Errorf("read send notices: %w", fault(db.path, err))
	}
	defer rows.Close()
	for rows.Next() {
		var n delivery.Notice
		var at int64
		if err := rows.Scan(&n.ID, &n.Edition, &n.Week, &n.Paused, &at); err != nil {
			return nil, fmt.Errorf("read send notices: %w", fault(db.path, err))
		}
		n.At = fromMillis(at)
		list = append(list, n)
	}
	return list, fault(db.path, rows.Err())
}

// DropSendNotice forgets a notice; twice does no harm.
func (db *DB) DropSendNotice(ctx context.Context, id int64) error {
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM send_notices WHERE id = ?`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop send notice %d: %w", id, err)
	}
	return nil
}
