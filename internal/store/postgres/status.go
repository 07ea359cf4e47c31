package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Info reads how an edition's send stands; delivery.ErrNotFound before the
// freeze.
func (d Deliveries) Info(ctx context.Context, id int64) (delivery.SendInfo, error) {
	s := delivery.SendInfo{Edition: id, Several: true}
	var started, finished, compacted int64
	var secret []byte
	var canary string
	var until int64
	err := d.db.pool.QueryRow(ctx, `
		SELECT e.week,
		       e.state,
		       e.pause_reason,
		       s.recipients,
		       s.duplicates,
		       s.started_at,
		       s.finished_at,
		       s.compacted_at,
		       s.canary,
		       s.canary_until,
		       m.value
		FROM sends s
		JOIN editions e ON e.id = s.edition_id
		JOIN meta m ON m.key = 'secret'
		WHERE s.edition_id = $1`, id).
		Scan(&s.Week, &s.State, &s.PauseReason, &s.Recipients, &s.Duplicates, &started, &finished, &compacted, &canary, &until, &secret)
	if errors.Is(err, pgx.ErrNoRows) {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, delivery.ErrNotFound)
	}
	if err == nil {
		s.Journals, err = d.journals(ctx, id)
	}
	if err == nil {
		s.NotCompared, err = d.notCompared(ctx, id)
	}
	if err != nil {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, d.db.fault(err))
	}
	s.StartedAt, s.FinishedAt, s.CompactedAt = column.Time(started), column.Time(finished), column.Time(compacted)
	s.Database, s.Server = identity(secret), d.db.server.Load().seen()
	s.Canary, err = plainsql.CanaryStand(canary, until)
	return s, err
}

// Identity tells databases apart; a restored backup has its original's.
func (d Deliveries) Identity(ctx context.Context) ([8]byte, error) {
	secret, err := d.db.Secret(ctx)
	return identity(secret), err
}

func identity(secret []byte) (id [8]byte) {
	sum := sha256.Sum256(append([]byte("journal\x00"), secret...))
	copy(id[:], sum[:])
	return id
}

func (d Deliveries) journals(ctx context.Context, id int64) ([]delivery.NodeJournal, error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT node, seq FROM send_journals WHERE edition_id = $1 AND seq > 0 ORDER BY node`, id)
	return collect(rows, err, func(row pgx.CollectableRow) (j delivery.NodeJournal, err error) {
		var seq int64
		err = row.Scan(&j.Node, &seq)
		j.Seq = uint64(seq)
		return j, err
	})
}

// notCompared are the nodes whose journals were last compared on another server, or
// on this one before a standby was promoted.
func (d Deliveries) notCompared(ctx context.Context, id int64) ([]string, error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT node FROM send_journals WHERE edition_id = $1 AND server <> $2 ORDER BY node`, id, d.db.server.Load().String())
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
	rows, err := q.Query(ctx, `SELECT state, sum(n)::bigint FROM send_counts WHERE edition_id = $1 GROUP BY state`, id)
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

// Domains counts by recipient domain, the largest first.
func (d Deliveries) Domains(ctx context.Context, id int64, limit int) ([]delivery.DomainCounts, error) {
	rows, err := d.db.pool.Query(ctx, `
		WITH counted AS (
		    SELECT `+domainOf+` AS domain, d.state, count(*) AS n
		    FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		    WHERE d.edition_id = $1
		    GROUP BY 1, 2
		), largest AS (
		    SELECT domain, sum(n) AS total FROM counted GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2
		)
		SELECT c.domain, c.state, c.n
		FROM largest l JOIN counted c ON c.domain = l.domain
		ORDER BY l.total DESC, c.domain`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("count domains of edition %d: %w", id, d.db.fault(err))
	}
	var out []delivery.DomainCounts
	var domain string
	var state int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&domain, &state, &n}, func() error {
		if len(out) == 0 || out[len(out)-1].Domain != domain {
			out = append(out, delivery.DomainCounts{Domain: domain})
		}
		out[len(out)-1].Counts[state] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count domains of edition %d: %w", id, d.db.fault(err))
	}
	return out, nil
}

// List gives an edition's deliveries of one state.
func (d Deliveries) List(ctx context.Context, id int64, state delivery.State, after int64, limit int) ([]delivery.Delivery, error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT d.subscriber_id,
		       coalesce(s.email, ''),
		       d.attempts,
		       d.dots,
		       d.next_attempt,
		       d.at,
		       d.epoch,
		       d.fault,
		       coalesce(e.node, ''),
		       d.reply
		FROM deliveries d
		LEFT JOIN subscribers s ON s.id = d.subscriber_id
		LEFT JOIN send_epochs e ON e.edition_id = d.edition_id AND e.epoch = d.epoch
		WHERE d.edition_id = $1 AND d.state = $2 AND d.subscriber_id > $3
		ORDER BY d.subscriber_id LIMIT $4`, id, int16(state), after, limit)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (v delivery.Delivery, err error) {
		var next, at int64
		v.State = state
		err = row.Scan(&v.ID, &v.Email, &v.Attempts, &v.Dots, &next, &at, &v.Epoch, &v.Fault, &v.Node, &v.Reply)
		v.NextAttempt, v.At = column.Time(next), column.Time(at)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s deliveries of edition %d: %w", state, id, d.db.fault(err))
	}
	return list, nil
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

// refusalsMost bounds how many kinds of refusals are told apart.
const refusalsMost = 100

// Refusals groups what servers said; see delivery.Reasons. The code is a reply's
// first word, the enhanced code the second.
func (d Deliveries) Refusals(ctx context.Context, id int64) ([]delivery.Refusal, error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT state, fault, count(*), min(reply)
		FROM deliveries
		WHERE edition_id = $1
		  AND state IN (`+stateFailed+`, `+stateDeferred+`, `+stateUnknown+`, `+stateQueued+`)
		  AND (state = `+stateUnknown+` OR fault > 0)
		GROUP BY state, fault, left(reply, 9)
		ORDER BY 3 DESC, 1, 2
		LIMIT $2`, id, refusalsMost)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (r delivery.Refusal, err error) {
		err = row.Scan(&r.State, &r.Fault, &r.Count, &r.Reply)
		r.Reply = delivery.WithoutAddresses(r.Reply)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the refusals of edition %d: %w", id, d.db.fault(err))
	}
	return list, nil
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

// NextDeferred is when the earliest deferred delivery of an edition is due.
func (d Deliveries) NextDeferred(ctx context.Context, id int64) (time.Time, error) {
	var ms int64
	err := d.db.pool.QueryRow(ctx, `
		SELECT coalesce(min(next_attempt), 0) FROM deliveries
		WHERE edition_id = $1 AND next_attempt > 0 AND state = `+stateDeferred, id).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the next attempt of edition %d: %w", id, d.db.fault(err))
	}
	return column.Time(ms), nil
}
