package plainsql

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Figures are what became of editions, and what editors saw of them.
type Figures struct{ DB }

// Left counts who left from one instant on, until before another.
func (s Figures) Left(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM subscriber_events WHERE kind = 'leave' AND at >= $1 AND at < $2`,
			column.Millis(from), column.Millis(to)).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count who left: %w", err)
	}
	return n, nil
}

// Complained counts the readers who called an edition spam.
func (s Figures) Complained(ctx context.Context, id int64) (n int64, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT count(DISTINCT subscriber_id) FROM returned WHERE edition_id = $1 AND class = $2`,
			id, string(subscribers.BounceComplaint)).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count complaints: %w", err)
	}
	return n, nil
}

// See keeps that an editor saw a content.
func (s Figures) See(ctx context.Context, editor string, b edition.Build, at time.Time) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keep what was seen: %w", err)
	}
	err = s.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO desk_seen (editor, week, hash, at, build) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (editor, week, hash) DO UPDATE SET at = excluded.at`,
			editor, b.Week.String(), b.Hash, column.Millis(at), string(text))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM desk_seen WHERE at < $1`, column.Millis(at.Add(-edition.SeenFor)))
		if err != nil {
			return err
		}
		return dropSuperseded(ctx, tx, editor, b.Week)
	})
	if err != nil {
		return fmt.Errorf("keep what was seen: %w", err)
	}
	return nil
}

func dropSuperseded(ctx context.Context, tx Tx, editor string, w edition.Week) error {
	var list []edition.Sighting
	err := each(ctx, tx, func(rows Rows) error {
		var s edition.Sighting
		var at int64
		err := rows.Scan(&s.Hash, &at)
		s.At = column.Time(at)
		list = append(list, s)
		return err
	}, `SELECT hash, at FROM desk_seen WHERE editor = $1 AND week = $2`, editor, w.String())
	if err != nil {
		return err
	}
	for _, hash := range edition.Superseded(list) {
		_, err := tx.Exec(ctx, `DELETE FROM desk_seen WHERE editor = $1 AND week = $2 AND hash = $3`, editor, w.String(), hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// Before gives the content that an editor saw last before the one with this hash;
// edition.ErrNotFound when there is none.
func (s Figures) Before(ctx context.Context, editor string, w edition.Week, hash string) (b edition.Build, err error) {
	var text string
	err = s.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT build FROM desk_seen WHERE editor = $1 AND week = $2 AND hash <> $3 ORDER BY at DESC, hash LIMIT 1`,
			editor, w.String(), hash).Scan(&text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return b, edition.ErrNotFound
	}
	if err != nil {
		return b, fmt.Errorf("read what was seen: %w", err)
	}
	return b, json.Unmarshal([]byte(text), &b)
}
