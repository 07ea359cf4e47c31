package plainsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

// SendRecords are how the editions' sends stand, for people and for what follows.
type SendRecords struct{ db DB }

// SendRecords gives the database's records of sends.
func (db DB) SendRecords() SendRecords { return SendRecords{db} }

// Info reads how an edition's send stands; delivery.ErrNotFound before the
// freeze.
func (s SendRecords) Info(ctx context.Context, id int64) (info delivery.SendInfo, err error) {
	err = s.db.Look(ctx, func(tx Tx) (err error) {
		if info, err = sendInfo(ctx, tx, id); err == nil {
			info.Journals, err = journals(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, err)
	}
	return info, nil
}

func sendInfo(ctx context.Context, tx Tx, id int64) (delivery.SendInfo, error) {
	s := delivery.SendInfo{Edition: id}
	var canary string
	var started, finished, compacted, until int64
	var secret []byte
	err := tx.QueryRow(ctx, `
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
		       s.stopped,
		       m.value
		FROM sends s
		JOIN editions e ON e.id = s.edition_id
		JOIN meta m ON m.key = 'secret'
		WHERE s.edition_id = $1`, id).
		Scan(&s.Week, &s.State, &s.PauseReason, &s.Recipients, &s.Duplicates, &started, &finished, &compacted, &canary, &until, &s.Stopped, &secret)
	if noRows(err) {
		return s, delivery.ErrNotFound
	}
	if err != nil {
		return s, err
	}
	s.StartedAt, s.FinishedAt, s.CompactedAt = column.Time(started), column.Time(finished), column.Time(compacted)
	s.Database = delivery.Identity(secret)
	s.Canary, err = canaryStand(canary, until)
	return s, err
}

func journals(ctx context.Context, tx Tx, id int64) (list []delivery.NodeJournal, err error) {
	return list, each(ctx, tx, func(rows Rows) error {
		var j delivery.NodeJournal
		var seq int64
		err := rows.Scan(&j.Node, &seq)
		j.Seq = uint64(seq)
		list = append(list, j)
		return err
	}, `SELECT node, seq FROM send_journals WHERE edition_id = $1 AND seq > 0 ORDER BY node`, id)
}

// Identity tells databases apart; a restored backup has its original's.
func (s SendRecords) Identity(ctx context.Context) (id [8]byte, err error) {
	secret, err := s.db.Secret(ctx)
	return delivery.Identity(secret), err
}

// Sends gives the frozen editions by week.
func (s SendRecords) Sends(ctx context.Context) (map[string]int64, error) {
	known := map[string]int64{}
	err := s.db.Look(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var week string
			var id int64
			err := rows.Scan(&week, &id)
			known[week] = id
			return err
		}, `SELECT e.week, e.id FROM sends s JOIN editions e ON e.id = s.edition_id`)
	})
	return known, wrap("read sends", err)
}

// Domains counts by recipient domain, the largest first.
func (s SendRecords) Domains(ctx context.Context, id int64, limit int) (out []delivery.DomainCounts, err error) {
	err = s.db.Look(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var domain string
			var state int
			var n int64
			if err := rows.Scan(&domain, &state, &n); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Domain != domain {
				out = append(out, delivery.DomainCounts{Domain: domain})
			}
			out[len(out)-1].Counts[state] = n
			return nil
		}, `
			WITH counted AS (
			    SELECT `+tx.Dialect().Domain+` AS domain, d.state, count(*) AS n
			    FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
			    WHERE d.edition_id = $1
			    GROUP BY 1, 2
			), largest AS (
			    SELECT domain, sum(n) AS total FROM counted GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2
			)
			SELECT c.domain, c.state, c.n
			FROM largest l JOIN counted c ON c.domain = l.domain
			ORDER BY l.total DESC, c.domain`, id, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("count domains of edition %d: %w", id, err)
	}
	return out, nil
}

// List gives an edition's deliveries of one state.
func (s SendRecords) List(ctx context.Context, id int64, state delivery.State, after int64, limit int) ([]delivery.Delivery, error) {
	return rowsOf(ctx, s.db, fmt.Sprintf("list %s deliveries of edition %d", state, id), func(row Rows) (delivery.Delivery, error) {
		v := delivery.Delivery{State: state}
		var next, at int64
		err := row.Scan(&v.ID, &v.Email, &v.Attempts, &v.Dots, &next, &at, &v.Epoch, &v.Fault, &v.Node, &v.Relay, &v.Reply)
		v.NextAttempt, v.At, v.Reply = column.Time(next), column.Time(at), unpadded(v.Reply)
		return v, err
	}, `
		SELECT d.subscriber_id,
		       coalesce(s.email, ''),
		       d.attempts,
		       d.dots,
		       d.next_attempt,
		       d.at,
		       d.epoch,
		       d.fault,
		       coalesce(e.node, ''),
		       coalesce(r.name, ''),
		       d.reply
		FROM deliveries d
		LEFT JOIN subscribers s ON s.id = d.subscriber_id
		LEFT JOIN send_epochs e ON e.edition_id = d.edition_id AND e.epoch = d.epoch
		LEFT JOIN relays r ON r.id = d.relay
		WHERE d.edition_id = $1 AND d.state = $2 AND d.subscriber_id > $3
		ORDER BY d.subscriber_id LIMIT $4`, id, int(state), after, limit)
}

// unpadded is a reply as the server gave it: SQLite's rows pad it.
func unpadded(reply string) string { return strings.TrimRight(reply, " ") }

// Refusals groups what servers said; see delivery.Reasons. The code is a reply's
// first word, the enhanced code the second.
func (s SendRecords) Refusals(ctx context.Context, id int64) ([]delivery.Refusal, error) {
	return rowsOf(ctx, s.db, fmt.Sprintf("read the refusals of edition %d", id), func(row Rows) (r delivery.Refusal, err error) {
		err = row.Scan(&r.State, &r.Fault, &r.Count, &r.Reply)
		r.Reply = delivery.WithoutAddresses(unpadded(r.Reply))
		return r, err
	}, `
		SELECT state, fault, count(*), min(reply)
		FROM deliveries
		WHERE edition_id = $1
		  AND state IN (`+Failed+`, `+Deferred+`, `+Unknown+`, `+Queued+`)
		  AND (state = `+Unknown+` OR fault > 0)
		GROUP BY state, fault, substr(reply, 1, 9)
		ORDER BY 3 DESC, 1, 2
		LIMIT $2`, id, delivery.MostRefusals)
}

// NextDeferred is when the earliest deferred delivery of an edition is due.
func (s SendRecords) NextDeferred(ctx context.Context, id int64) (time.Time, error) {
	var ms int64
	err := s.db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `
			SELECT coalesce(min(next_attempt), 0) FROM deliveries
			WHERE edition_id = $1 AND next_attempt > 0 AND state = `+Deferred, id).Scan(&ms)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the next attempt of edition %d: %w", id, err)
	}
	return column.Time(ms), nil
}
