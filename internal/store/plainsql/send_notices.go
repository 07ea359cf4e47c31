package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

var _ delivery.Notices = Notices{}

// Notices are what people are still to be told of sends.
type Notices struct{ DB }

// AddSendNotice notes what the editors are to be told, within the transaction
// that it tells of.
func AddSendNotice(ctx context.Context, tx Tx, edition int64, paused string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO send_notices (edition_id, paused, at) VALUES ($1, $2, $3)`, edition, paused, column.Millis(at))
	return err
}

// AddAlarms notes refusals that the operators are to be told of at once.
func AddAlarms(ctx context.Context, tx Tx, edition int64, alarms []delivery.Alarm, at time.Time) error {
	for _, a := range alarms {
		_, err := tx.Exec(ctx, `INSERT INTO send_notices (edition_id, paused, alarm, reply, at) VALUES ($1, '', $2, $3, $4)`,
			edition, a.Key, a.Reply, column.Millis(at))
		if err != nil {
			return err
		}
	}
	return nil
}

// Pending gives what the editors have not been told; see delivery.Notices. Two
// nodes may both read a notice: the outbox's dedupe key makes one mail of it.
func (n Notices) Pending(ctx context.Context) ([]delivery.Notice, error) {
	return rowsOf(ctx, n.DB, "read send notices", func(row Rows) (v delivery.Notice, err error) {
		var at int64
		err = row.Scan(&v.ID, &v.Edition, &v.Week, &v.Paused, &v.Alarm.Key, &v.Alarm.Reply, &at)
		v.At = column.Time(at)
		return v, err
	}, `
		SELECT n.id,
		       n.edition_id,
		       e.week,
		       n.paused,
		       n.alarm,
		       n.reply,
		       n.at
		FROM send_notices n JOIN editions e ON e.id = n.edition_id
		ORDER BY n.id`)
}

// Drop forgets a notice; twice does no harm.
func (n Notices) Drop(ctx context.Context, id int64) error {
	err := n.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM send_notices WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop send notice %d: %w", id, err)
	}
	return nil
}
