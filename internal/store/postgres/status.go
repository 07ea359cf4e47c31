package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
)

// Info reads how an edition's send stands; delivery.ErrNotFound before the
// freeze. All of it is of one instant, and of one server.
func (d Deliveries) Info(ctx context.Context, id int64) (s delivery.SendInfo, err error) {
	err = d.db.readTx(ctx, func(tx pgx.Tx) error {
		here, err := d.db.here(ctx, tx)
		if err != nil {
			return err
		}
		if s, err = d.SendRecords.Info(context.WithValue(ctx, runningKey{d.db}, tx), id); err != nil {
			return err
		}
		s.Several, s.Server = true, here.seen()
		s.NotCompared, err = notCompared(ctx, tx, id, here)
		return err
	})
	return s, err
}

// notCompared are the nodes whose journals were last compared on another server, or
// on this one before a standby was promoted.
func notCompared(ctx context.Context, tx pgx.Tx, id int64, here server) ([]string, error) {
	rows, err := tx.Query(ctx, `
		SELECT node FROM send_journals WHERE edition_id = $1 AND server <> $2 ORDER BY node`, id, here.String())
	return collect(rows, err, pgx.RowTo[string])
}

// Counts gives an edition's deliveries by state, the compacted ones among them.
func (d Deliveries) Counts(ctx context.Context, id int64) (delivery.Counts, error) {
	c, err := counts(ctx, d.db.pool, id)
	if err != nil {
		return c, fmt.Errorf("count deliveries of edition %d: %w", id, d.db.fault(err))
	}
	return c, nil
}

func counts(ctx context.Context, q querier, id int64) (c delivery.Counts, err error) {
	rows, err := q.Query(ctx, `SELECT state, sum(n)::bigint FROM counts_now WHERE edition_id = $1 GROUP BY state`, id)
	if err != nil {
		return c, err
	}
	var state int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		if state < 0 || state >= len(c) {
			return fmt.Errorf("state %d is not known", state)
		}
		c[state] = n
		return nil
	})
	return c, err
}

// VisitDotted calls fn for each delivery whose end was, or may have been,
// written, in the order of subscribers.
func (d Deliveries) VisitDotted(ctx context.Context, id int64, fn func(int64, delivery.State, int) error) error {
	rows, err := d.db.pool.Query(ctx, `
		SELECT subscriber_id, state, dots FROM deliveries
		WHERE edition_id = $1 AND (dots > 0 OR state = `+stateAccepted+`)
		ORDER BY subscriber_id`, id)
	if err == nil {
		var subscriber int64
		var state, dots int
		_, err = pgx.ForEachRow(rows, []any{&subscriber, &state, &dots}, func() error {
			return fn(subscriber, delivery.State(state), dots)
		})
	}
	if err != nil {
		return fmt.Errorf("read deliveries of edition %d: %w", id, d.db.fault(err))
	}
	return nil
}

// Versions counts an edition's deliveries by the frozen variant that they get. Of
// a compacted edition what was dropped counts as the first.
func (d Deliveries) Versions(ctx context.Context, id int64) (out map[int]delivery.Counts, err error) {
	err = d.db.readTx(ctx, func(tx pgx.Tx) (err error) {
		out, err = versions(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count deliveries of edition %d: %w", id, err)
	}
	return out, nil
}

// versions reads both counts on the transaction's one snapshot: what is dropped is
// what all have beyond those whose rows are there.
func versions(ctx context.Context, tx pgx.Tx, id int64) (map[int]delivery.Counts, error) {
	all, err := counts(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT variant, state, count(*) FROM deliveries WHERE edition_id = $1 GROUP BY variant, state`, id)
	if err != nil {
		return nil, err
	}
	out := map[int]delivery.Counts{}
	var variant, state int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&variant, &state, &n}, func() error {
		c := out[variant]
		c[state] += n
		out[variant] = c
		all[state] -= n
		return nil
	})
	first := out[0]
	for state, n := range all {
		if delivery.State(state).Dropped() {
			first[state] += n
		}
	}
	if first.Total() > 0 {
		out[0] = first
	}
	return out, err
}
