package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/saved"
)

// Saved are readers' saved comparisons.
type Saved struct{ db *DB }

// Saved gives the database's saved comparisons.
func (db *DB) Saved() Saved { return Saved{db} }

// Save puts a comparison on a reader's list; one that is there stays as it is. It
// fails with saved.ErrFull or subscribers.ErrNotFound.
func (s Saved) Save(ctx context.Context, it saved.Item) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		state, err := savedState(ctx, tx, it.Slug, it.Told)
		if err != nil {
			return err
		}
		var others int
		err = tx.QueryRowContext(ctx, "SELECT count(*) FROM saved WHERE subscriber_id = ? AND slug <> ?", it.Reader, it.Slug).Scan(&others)
		if err != nil {
			return err
		}
		if others >= saved.Most {
			return saved.ErrFull
		}
		if _, err := subscriberByID(ctx, tx, it.Reader); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO saved (subscriber_id, slug, at, state_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			it.Reader, it.Slug, toMillis(it.At), state)
		return err
	})
	if err != nil {
		return fmt.Errorf("save comparison: %w", err)
	}
	return nil
}

// savedState gives the number of a state, which it keeps where it is new.
func savedState(ctx context.Context, tx *sql.Tx, slug string, st saved.State) (id int64, err error) {
	text, err := json.Marshal(st)
	if err != nil {
		return 0, err
	}
	if _, err = tx.ExecContext(ctx, "INSERT INTO saved_states (slug, state) VALUES (?, ?) ON CONFLICT DO NOTHING", slug, string(text)); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "SELECT id FROM saved_states WHERE slug = ? AND state = ?", slug, string(text)).Scan(&id)
	return id, err
}

// Remove takes a comparison off a reader's list; one that is not there is no error.
func (s Saved) Remove(ctx context.Context, reader int64, slug string) error {
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM saved WHERE subscriber_id = ? AND slug = ?", reader, slug)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove saved comparison: %w", err)
	}
	return nil
}

// Of gives a reader's list, what was saved last first.
func (s Saved) Of(ctx context.Context, reader int64) ([]saved.Item, error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT s.slug, s.at, t.state
		FROM saved s JOIN saved_states t ON t.id = s.state_id
		WHERE s.subscriber_id = ?
		ORDER BY s.at DESC, s.slug`, reader)
	if err != nil {
		return nil, fmt.Errorf("read saved comparisons: %w", fault(s.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	var out []saved.Item
	for rows.Next() {
		it := saved.Item{Reader: reader}
		var at int64
		var state []byte
		if err := rows.Scan(&it.Slug, &at, &state); err != nil {
			return nil, fmt.Errorf("read saved comparisons: %w", err)
		}
		if err := json.Unmarshal(state, &it.Told); err != nil {
			return nil, fmt.Errorf("read saved comparisons: %w", err)
		}
		it.At = fromMillis(at)
		out = append(out, it)
	}
	return out, rows.Err()
}
