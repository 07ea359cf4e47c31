package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// A tally is what usual groups are counted under in their sender's journal's row; see
// usualQuery. The zero tally is none.
type tally struct {
	open       bool
	relay, day int64
}

func (r *recording) tally() tally {
	return tally{open: true, relay: r.q.relays.Of(r.g.Intents[0].Relay), day: r.g.Day}
}

// opensTally reports whether a usual group is the second one in a row with its tally, which
// is worth opening then.
func (r *recording) opensTally() bool {
	last := r.q.tallied
	r.q.tallied = r.tally()
	return last == r.q.tallied
}

// openTally has the sender's journal's row count its usual groups under t from now on.
func openTally(ctx context.Context, tx runner, s delivery.Sender, t tally) error {
	if err := foldTally(ctx, tx, s.Edition, s.Epoch); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE send_journals SET tally_epoch = $1, tally_relay = $2, tally_day = $3 WHERE edition_id = $4 AND node = $5`,
		s.Epoch, t.relay, t.day, s.Edition, s.Node)
	return err
}

// foldTally adds to the counts what the usual groups of an epoch have changed. Once its
// transaction is committed, none of that epoch's can be: whoever ends an epoch calls it. It
// waits for one that is on its way.
func foldTally(ctx context.Context, tx runner, edition, epoch int64) error {
	if epoch == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `
		SELECT node, tally_relay, tally_day, tally_dots, tally_dotting, tally_accepted
		FROM send_journals WHERE edition_id = $1 AND tally_epoch = $2 FOR UPDATE`, edition, epoch)
	type kept struct {
		node                    string
		of                      tally
		dots, dotting, accepted int64
	}
	list, err := collect(rows, err, func(row pgx.CollectableRow) (k kept, err error) {
		return k, row.Scan(&k.node, &k.of.relay, &k.of.day, &k.dots, &k.dotting, &k.accepted)
	})
	if err != nil || len(list) == 0 {
		return err
	}
	k := list[0] // an epoch is one node's
	_, err = tx.Exec(ctx, `
		INSERT INTO send_counts AS c (edition_id, epoch, state, relay, n)
		SELECT $1, $2, t.state, t.relay, t.n
		FROM (VALUES (`+stateClaimed+`, 0, -$4::bigint - $5::bigint), (`+stateDotting+`, $3::int, $4::bigint), (`+stateAccepted+`, $3::int, $5::bigint)) t (state, relay, n)
		WHERE t.n <> 0
		ON CONFLICT (edition_id, epoch, state, relay) DO UPDATE SET n = c.n + excluded.n`, edition, epoch, k.of.relay, k.dotting, k.accepted)
	if err == nil && k.dots > 0 {
		_, err = tx.Exec(ctx, `
			INSERT INTO send_days AS d (day, node, dots) VALUES ($1, $2, $3)
			ON CONFLICT (day, node) DO UPDATE SET dots = d.dots + excluded.dots`, k.of.day, k.node, k.dots)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `
			UPDATE send_journals SET tally_epoch = 0, tally_dots = 0, tally_dotting = 0, tally_accepted = 0
			WHERE edition_id = $1 AND node = $2`, edition, k.node)
	}
	return err
}

// endEpoch gives back what a sender has beside its readers, in the transaction that ends
// its lease.
func endEpoch(ctx context.Context, tx runner, edition, epoch int64) error {
	if err := foldTally(ctx, tx, edition, epoch); err != nil {
		return err
	}
	if err := plainsql.DropReservation(ctx, plainTx{tx}, edition, epoch); err != nil {
		return err
	}
	return freeShards(ctx, tx, edition, epoch)
}
