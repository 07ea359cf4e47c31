package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
)

var _ delivery.Notices = Notices{}

// Notices are what people are still to be told of sends.
type Notices struct{ db *DB }

// Notices gives the database's notices.
func (db *DB) Notices() Notices { return Notices{db} }

// addSendNotice notes what the editors are to be told, within the transaction
// that it tells of.
func addSendNotice(ctx context.Context, tx *sql.Tx, edition int64, paused string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO send_notices (edition_id, paused, at) VALUES (?, ?, ?)`,
		edition, paused, toMillis(at))
	return err
}

// addAlarms notes refusals that the operators are to be told of at once.
func addAlarms(ctx context.Context, tx *sql.Tx, edition int64, alarms []delivery.Alarm, at time.Time) error {
	for _, a := range alarms {
		_, err := tx.ExecContext(ctx, `INSERT INTO send_notices (edition_id, paused, alarm, reply, at) VALUES (?, '', ?, ?, ?)`,
			edition, a.Key, a.Reply, toMillis(at))
		if err != nil {
			return err
		}
	}
	return nil
}

// Pending gives what the editors have not been told; see delivery.Notices.
func (n Notices) Pending(ctx context.Context) (list []delivery.Notice, err error) {
	rows, err := n.db.r.QueryContext(ctx, `
		SELECT n.id,
		       n.edition_id,
		       e.week,
		       n.paused,
		       n.alarm,
		       n.reply,
		       n.at
		FROM send_notices n JOIN editions e ON e.id = n.edition_id
		ORDER BY n.id`)
	if err != nil {
		return nil, fmt.Errorf("read send notices: %w", fault(n.db.path, err))
	}
	defer rows.Close()
	for rows.Next() {
		var v delivery.Notice
		var at int64
		if err := rows.Scan(&v.ID, &v.Edition, &v.Week, &v.Paused, &v.Alarm.Key, &v.Alarm.Reply, &at); err != nil {
			return nil, fmt.Errorf("read send notices: %w", fault(n.db.path, err))
		}
		v.At = fromMillis(at)
		list = append(list, v)
	}
	return list, fault(n.db.path, rows.Err())
}

// Drop forgets a notice; twice does no harm.
func (n Notices) Drop(ctx context.Context, id int64) error {
	err := n.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM send_notices WHERE id = ?`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop send notice %d: %w", id, err)
	}
	return nil
}
