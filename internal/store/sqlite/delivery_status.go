package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// Info reads how an edition's send stands; delivery.ErrNotFound before the
// freeze.
func (d Deliveries) Info(ctx context.Context, id int64) (delivery.SendInfo, error) {
	s := delivery.SendInfo{Edition: id}
	var started, finished, compacted int64
	var secret []byte
	var canary string
	var until int64
	err := d.db.r.QueryRowContext(ctx, `
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
		WHERE s.edition_id = ?`, id).
		Scan(&s.Week, &s.State, &s.PauseReason, &s.Recipients, &s.Duplicates, &started, &finished, &compacted, &canary, &until, &secret)
	if errors.Is(err, sql.ErrNoRows) {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, delivery.ErrNotFound)
	}
	if err != nil {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, fault(d.db.path, err))
	}
	s.StartedAt, s.FinishedAt, s.CompactedAt = fromMillis(started), fromMillis(finished), fromMillis(compacted)
	s.Database = identity(secret)
	if s.Canary, err = plainsql.CanaryStand(canary, until); err != nil {
		return delivery.SendInfo{}, err
	}
	if s.Journals, err = d.journals(ctx, id); err != nil {
		return delivery.SendInfo{}, fmt.Errorf("read send of edition %d: %w", id, fault(d.db.path, err))
	}
	return s, nil
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

func (d Deliveries) journals(ctx context.Context, id int64) (list []delivery.NodeJournal, err error) {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT node, seq FROM send_journals WHERE edition_id = ? AND seq > 0 ORDER BY node`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j delivery.NodeJournal
		var seq int64
		if err := rows.Scan(&j.Node, &seq); err != nil {
			return nil, err
		}
		j.Seq = uint64(seq)
		list = append(list, j)
	}
	return list, rows.Err()
}

// Counts counts an edition's deliveries by state, the compacted ones
// among them.
func (d Deliveries) Counts(ctx context.Context, id int64) (delivery.Counts, error) {
	var c delivery.Counts
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT state, count(*) FROM deliveries WHERE edition_id = ?1 GROUP BY state
		UNION ALL
		SELECT state, deliveries FROM send_totals WHERE edition_id = ?1`, id)
	if err != nil {
		return c, fmt.Errorf("count deliveries of edition %d: %w", id, fault(d.db.path, err))
	}
	defer rows.Close()
	for rows.Next() {
		var state int
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return c, fmt.Errorf("count deliveries of edition %d: %w", id, fault(d.db.path, err))
		}
		if state < 0 || state >= len(c) {
			return c, fmt.Errorf("count deliveries of edition %d: state %d is not known", id, state)
		}
		c[state] += n
	}
	return c, fault(d.db.path, rows.Err())
}

// Domains counts by recipient domain, the largest first.
func (d Deliveries) Domains(ctx context.Context, id int64, limit int) ([]delivery.DomainCounts, error) {
	rows, err := d.db.r.QueryContext(ctx, `
		WITH counted AS (
		    SELECT `+claimDomain+` AS domain, d.state, count(*) AS n
		    FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		    WHERE d.edition_id = ?1
		    GROUP BY 1, 2
		), largest AS (
		    SELECT domain, sum(n) AS total FROM counted GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?2
		)
		SELECT c.domain, c.state, c.n
		FROM largest l JOIN counted c ON c.domain = l.domain
		ORDER BY l.total DESC, c.domain`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("count domains of edition %d: %w", id, fault(d.db.path, err))
	}
	defer rows.Close()
	var out []delivery.DomainCounts
	for rows.Next() {
		var domain string
		var state int
		var n int64
		if err := rows.Scan(&domain, &state, &n); err != nil {
			return nil, fmt.Errorf("count domains of edition %d: %w", id, fault(d.db.path, err))
		}
		if len(out) == 0 || out[len(out)-1].Domain != domain {
			out = append(out, delivery.DomainCounts{Domain: domain})
		}
		out[len(out)-1].Counts[state] = n
	}
	return out, fault(d.db.path, rows.Err())
}

// List gives an edition's deliveries of one state.
func (d Deliveries) List(ctx context.Context, id int64, state delivery.State, after int64, limit int) ([]delivery.Delivery, error) {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT d.subscriber_id,
		       COALESCE(s.email, ''),
		       d.attempts,
		       d.dots,
		       d.next_attempt,
		       d.at,
		       d.epoch,
		       d.fault,
		       COALESCE(e.node, ''),
		       d.reply
		FROM deliveries d
		LEFT JOIN subscribers s ON s.id = d.subscriber_id
		LEFT JOIN send_epochs e ON e.edition_id = d.edition_id AND e.epoch = d.epoch
		WHERE d.edition_id = ? AND d.state = ? AND d.subscriber_id > ?
		ORDER BY d.subscriber_id LIMIT ?`, id, int(state), after, limit)
	if err != nil {
		return nil, fmt.Errorf("list %s deliveries of edition %d: %w", state, id, fault(d.db.path, err))
	}
	defer rows.Close()
	var out []delivery.Delivery
	for rows.Next() {
		v := delivery.Delivery{State: state}
		var next, at int64
		if err := rows.Scan(&v.ID, &v.Email, &v.Attempts, &v.Dots, &next, &at, &v.Epoch, &v.Fault, &v.Node, &v.Reply); err != nil {
			return nil, fmt.Errorf("list %s deliveries of edition %d: %w", state, id, fault(d.db.path, err))
		}
		v.NextAttempt, v.At, v.Reply = fromMillis(next), fromMillis(at), strings.TrimRight(v.Reply, " ")
		out = append(out, v)
	}
	return out, fault(d.db.path, rows.Err())
}

// visitSpan is how many subscriber ids VisitDotted reads at once. A row a call
// would take a second a million; joined by SQLite they take a fifth.
const visitSpan = 4096

// VisitDotted calls fn for each delivery whose end was, or may have been,
// written.
func (d Deliveries) VisitDotted(ctx context.Context, id int64, fn func(int64, delivery.State, int) error) error {
	err := d.db.readTx(ctx, func(tx *sql.Tx) error {
		var first, last sql.NullInt64
		err := tx.QueryRowContext(ctx, `
			SELECT min(subscriber_id), max(subscriber_id) FROM deliveries WHERE edition_id = ?`, id).Scan(&first, &last)
		if err != nil {
			return err
		}
		for from := first.Int64; first.Valid && from <= last.Int64; {
			next, err := visitDotted(ctx, tx, id, from, fn)
			if err != nil || next == 0 {
				return err
			}
			from = next
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read deliveries of edition %d: %w", id, err)
	}
	return nil
}

// visitDotted visits one span and gives where the next begins, 0 at the end.
func visitDotted(ctx context.Context, tx *sql.Tx, id, from int64, fn func(int64, delivery.State, int) error) (int64, error) {
	var list sql.RawBytes
	var next sql.NullInt64
	rows, err := tx.QueryContext(ctx, `
		SELECT group_concat(subscriber_id || ' ' || state || ' ' || dots, ' ') FILTER (WHERE dots > 0 OR state = `+stateAccepted+`),
		       max(subscriber_id) + 1
		FROM (SELECT subscriber_id, state, dots
		      FROM deliveries
		      WHERE edition_id = ? AND subscriber_id >= ?
		      ORDER BY subscriber_id LIMIT ?)`, id, from, visitSpan)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&list, &next); err != nil {
			return 0, err
		}
		if err := eachDotted(string(list), fn); err != nil {
			return 0, err
		}
	}
	return next.Int64, rows.Err()
}

// eachDotted reads "id state dots id state dots ...".
func eachDotted(list string, fn func(int64, delivery.State, int) error) error {
	var field [3]int64
	n := 0
	for word := range strings.FieldsSeq(list) {
		v, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return err
		}
		field[n] = v
		if n++; n < len(field) {
			continue
		}
		n = 0
		if err := fn(field[0], delivery.State(field[1]), int(field[2])); err != nil {
			return err
		}
	}
	return nil
}
