package plainsql

import (
	"context"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/saved"
)

// Kept gives the states that somebody was told last.
func (s Saved) Kept(ctx context.Context) (list []saved.Kept, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var k saved.Kept
			var state []byte
			if err := rows.Scan(&k.ID, &k.Slug, &state); err != nil {
				return err
			}
			list = append(list, k)
			return json.Unmarshal(state, &list[len(list)-1].State)
		}, `
			SELECT t.id, t.slug, t.state
			FROM saved_states t
			WHERE EXISTS (SELECT 1 FROM saved s WHERE s.state_id = t.id)
			ORDER BY t.id`)
	})
	if err != nil {
		return nil, fmt.Errorf("read what was told of saved comparisons: %w", err)
	}
	return list, nil
}

// Told gives who is told what in a frozen edition.
func (s Saved) Told(ctx context.Context, edition int64) (told saved.Told, err error) {
	told.Readers = map[int64][]int{}
	err = s.Read(ctx, func(tx Tx) error {
		err := each(ctx, tx, func(rows Rows) error {
			var text string
			err := rows.Scan(&text)
			told.Lines = append(told.Lines, text)
			return err
		}, `SELECT text FROM edition_lines WHERE edition_id = $1 ORDER BY number`, edition)
		if err != nil || len(told.Lines) == 0 {
			return err
		}
		return each(ctx, tx, func(rows Rows) error {
			var reader int64
			var line int
			err := rows.Scan(&reader, &line)
			told.Readers[reader] = append(told.Readers[reader], line)
			return err
		}, `SELECT subscriber_id, line FROM delivery_lines WHERE edition_id = $1 ORDER BY subscriber_id, line`, edition)
	})
	if err != nil {
		return told, fmt.Errorf("read the lines on saved comparisons: %w", err)
	}
	return told, nil
}

// DropLines forgets who was told what in an edition, but for those whose delivery
// is kept: they may be mailed yet.
func DropLines(ctx context.Context, tx Tx, edition int64) error {
	for _, drop := range []string{
		`DELETE FROM delivery_lines WHERE edition_id = $1 AND subscriber_id NOT IN (SELECT subscriber_id FROM deliveries WHERE edition_id = $2)`,
		`DELETE FROM edition_lines WHERE edition_id = $1 AND NOT EXISTS (SELECT 1 FROM delivery_lines WHERE edition_id = $2)`,
	} {
		if _, err := tx.Exec(ctx, drop, edition, edition); err != nil {
			return fmt.Errorf("drop the lines on saved comparisons: %w", err)
		}
	}
	return nil
}

// InsertLines freezes who of an edition's recipients is told what of saved
// comparisons: each line goes to those who were told of its state last, and they
// have then been told.
func InsertLines(ctx context.Context, tx Tx, edition int64, lines []saved.Line) error {
	for n, l := range lines {
		now, err := savedState(ctx, tx, l.Slug, l.Now)
		if err != nil {
			return fmt.Errorf("keep the state of %s: %w", l.Slug, err)
		}
		for _, step := range []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO edition_lines (edition_id, number, text) VALUES ($1, $2, $3)`, []any{edition, n, l.Text}},
			{`INSERT INTO delivery_lines (edition_id, subscriber_id, line)
			  SELECT d.edition_id, d.subscriber_id, CAST($1 AS INTEGER)
			  FROM saved s JOIN deliveries d ON d.edition_id = $2 AND d.subscriber_id = s.subscriber_id
			  WHERE s.state_id = $3`, []any{n, edition, l.From}},
			{`UPDATE saved SET state_id = $1
			  WHERE state_id = $2 AND subscriber_id IN (SELECT subscriber_id FROM delivery_lines WHERE edition_id = $3 AND line = $4)`,
				[]any{now, l.From, edition, n}},
		} {
			if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
				return fmt.Errorf("tell of %s: %w", l.Slug, err)
			}
		}
	}
	return nil
}
