package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

// Recover puts in order what senders left that are dead; see delivery.Store. Who
// lives goes on beside s.
func (d Deliveries) Recover(ctx context.Context, s delivery.Sender, at time.Time) (delivery.Queue, delivery.Recovered, error) {
	table := tableOf(s.Edition)
	q := &queue{
		db: d.db, sender: s, server: *d.db.server.Load(), table: table, edition: named(s.Edition), usual: usualQuery(table),
		hand: map[int64]bool{}, relays: d.db.plain().RelayNumbers(),
	}
	out, err := q.takeOver(ctx, at)
	if err == nil {
		err = d.db.pool.QueryRow(ctx, `SELECT lasts FROM send_leases WHERE edition_id = $1 AND epoch = $2`, s.Edition, s.Epoch).Scan(&q.lasts)
	}
	if err != nil {
		return nil, delivery.Recovered{}, fmt.Errorf("recover edition %d: %w", s.Edition, d.db.fault(err))
	}
	return q, out, nil
}

// takeOver takes over every sender of the edition that is dead: whose lease has
// run out, or that left something in hand and has no lease any more. Each is one
// transaction, after which nothing of its epoch can be committed: what was only
// claimed is queued again, and what became of a message whose end may have been
// written nobody knows. Of two who do it at once the second finds nothing.
func (q *queue) takeOver(ctx context.Context, at time.Time) (delivery.Recovered, error) {
	var out delivery.Recovered
	dead, err := q.deadSenders(ctx)
	if err != nil {
		return out, err
	}
	for _, epoch := range dead {
		var one delivery.Recovered
		err := q.held(ctx, func(tx pgx.Tx) (err error) {
			one, err = takeOver(ctx, tx, q.sender.Edition, epoch, at)
			return err
		})
		if err != nil {
			return out, err
		}
		out.Requeued += one.Requeued
		out.Unknown += one.Unknown
	}
	return out, q.held(ctx, func(tx pgx.Tx) error { return q.compared(ctx, tx) })
}

// compared fails with delivery.ErrServerMoved when a node of the send has not
// compared its journal with this server: it may have become another one since the
// sender asked.
func (q *queue) compared(ctx context.Context, tx pgx.Tx) error {
	var late int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM send_journals WHERE edition_id = $1 AND server <> $2`, q.sender.Edition, q.server.String()).Scan(&late)
	if err == nil && late > 0 {
		err = fmt.Errorf("%w: %d nodes have not compared their journals with it", delivery.ErrServerMoved, late)
	}
	return err
}

// deadSenders are the epochs without a lease that runs, that have something.
func (q *queue) deadSenders(ctx context.Context) ([]int64, error) {
	rows, err := q.db.pool.Query(ctx, `
		SELECT epoch FROM (
			SELECT epoch FROM send_shards WHERE edition_id = $1 AND epoch > 0
			UNION SELECT epoch FROM counts_now WHERE edition_id = $1 AND epoch > 0 AND state IN (`+stateClaimed+`, `+stateDotting+`) AND n > 0
			UNION SELECT epoch FROM send_leases WHERE edition_id = $1 AND expires_at <= clock_timestamp()) h
		WHERE epoch <> $2 AND epoch NOT IN (
			SELECT epoch FROM send_leases WHERE edition_id = $1 AND expires_at > clock_timestamp())
		ORDER BY epoch`, q.sender.Edition, q.sender.Epoch)
	return collect(rows, err, pgx.RowTo[int64])
}

func takeOver(ctx context.Context, tx runner, edition, epoch int64, at time.Time) (out delivery.Recovered, err error) {
	_, err = tx.Exec(ctx, `
		UPDATE send_leases SET expires_at = NULL
		WHERE edition_id = $1 AND epoch = $2 AND expires_at <= clock_timestamp()`, edition, epoch)
	if err != nil {
		return out, err
	}
	var lives bool // it has renewed its lease meanwhile
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM send_leases WHERE edition_id = $1 AND epoch = $2 AND expires_at IS NOT NULL)`, edition, epoch).Scan(&lives)
	if err != nil || lives {
		return out, err
	}
	if err := endEpoch(ctx, tx, edition, epoch); err != nil {
		return out, err
	}
	n := func(state delivery.State, sets string) int64 {
		if err != nil {
			return 0
		}
		var moved int64
		moved, err = run(ctx, tx, `
			UPDATE deliveries SET `+sets+`
			WHERE `+named(edition)+` AND epoch = $1 AND state = $2
			  AND EXISTS (SELECT 1 FROM counts_now WHERE edition_id = $3 AND epoch = $1 AND state = $2 AND n > 0)`,
			epoch, int16(state), edition)
		return moved
	}
	out.Requeued = n(delivery.Claimed, `state = `+stateQueued)
	out.Unknown = n(delivery.Dotting, fmt.Sprintf(`state = %s, at = %d`, stateUnknown, column.Millis(at)))
	return out, err
}

// endLapsed takes over the senders, of any edition, that have reserved a part of a
// day and whose lease has run out or was given back.
func endLapsed(ctx context.Context, tx runner, s delivery.Sender, at time.Time) error {
	rows, err := tx.Query(ctx, `
		SELECT edition_id, epoch FROM day_reservations r
		WHERE NOT (edition_id = $1 AND epoch = $2) AND NOT EXISTS (
			SELECT 1 FROM send_leases l
			WHERE l.edition_id = r.edition_id AND l.epoch = r.epoch AND l.expires_at > clock_timestamp())
		ORDER BY edition_id, epoch`, s.Edition, s.Epoch)
	dead, err := collect(rows, err, func(row pgx.CollectableRow) (d delivery.Sender, err error) {
		return d, row.Scan(&d.Edition, &d.Epoch)
	})
	if err != nil {
		return err
	}
	for _, d := range dead {
		if _, err := takeOver(ctx, tx, d.Edition, d.Epoch, at); err != nil {
			return err
		}
	}
	return nil
}

// freeShards gives back the parts that a sender had. They are looked through from
// the start: something of them may be queued again.
func freeShards(ctx context.Context, tx runner, edition, epoch int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE send_shards SET epoch = 0, looked_at = 0 WHERE edition_id = $1 AND epoch = $2`, edition, epoch)
	return err
}
