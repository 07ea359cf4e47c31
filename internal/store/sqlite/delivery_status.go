package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// Counts counts an edition's deliveries by state, the compacted ones
// among them.
func (d Deliveries) Counts(ctx context.Context, id int64) (c delivery.Counts, err error) {
	err = d.db.plain().Look(ctx, func(tx plainsql.Tx) (err error) {
		c, err = counts(ctx, tx, id)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("count deliveries of edition %d: %w", id, err)
	}
	return c, nil
}

func counts(ctx context.Context, tx plainsql.Tx, id int64) (c delivery.Counts, err error) {
	rows, err := tx.Query(ctx, `
		SELECT state, count(*) FROM deliveries WHERE edition_id = ?1 GROUP BY state
		UNION ALL
		SELECT state, deliveries FROM send_totals WHERE edition_id = ?1`, id)
	if err != nil {
		return c, err
	}
	for rows.Next() {
		var state int
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return c, errors.Join(err, rows.Close())
		}
		if state < 0 || state >= len(c) {
			return c, errors.Join(fmt.Errorf("state %d is not known", state), rows.Close())
		}
		c[state] += n
	}
	return c, errors.Join(rows.Err(), rows.Close())
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
