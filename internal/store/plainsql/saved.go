package plainsql

import (
	"context"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Saved are readers' saved comparisons.
type Saved struct{ DB }

// Save puts a comparison on a reader's list; one that is there stays as it is. It
// fails with saved.ErrFull or subscribers.ErrNotFound.
func (s Saved) Save(ctx context.Context, it saved.Item) error {
	err := s.Write(ctx, func(tx Tx) error {
		if err := holdReader(ctx, tx, it.Reader); err != nil {
			return err
		}
		state, err := savedState(ctx, tx, it.Slug, it.Told)
		if err != nil {
			return err
		}
		var others int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM saved WHERE subscriber_id = $1 AND slug <> $2", it.Reader, it.Slug).Scan(&others)
		if err != nil {
			return err
		}
		if err := saved.MaySave(others); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO saved (subscriber_id, slug, at, state_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			it.Reader, it.Slug, column.Millis(it.At), state)
		return err
	})
	if err != nil {
		return fmt.Errorf("save comparison: %w", err)
	}
	return nil
}

// savedState gives the number of a state, which it keeps where it is new.
func savedState(ctx context.Context, tx Tx, slug string, st saved.State) (id int64, err error) {
	text, err := json.Marshal(st)
	if err != nil {
		return 0, err
	}
	if _, err = tx.Exec(ctx, "INSERT INTO saved_states (slug, state) VALUES ($1, $2) ON CONFLICT DO NOTHING", slug, string(text)); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT id FROM saved_states WHERE slug = $1 AND state = $2", slug, string(text)).Scan(&id)
	return id, err
}

// Remove takes a comparison off a reader's list; one that is not there is no error.
func (s Saved) Remove(ctx context.Context, reader int64, slug string) error {
	err := s.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM saved WHERE subscriber_id = $1 AND slug = $2", reader, slug)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove saved comparison: %w", err)
	}
	return nil
}

// Of gives a reader's list, what was saved last first.
func (s Saved) Of(ctx context.Context, reader int64) (list []saved.Item, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			it := saved.Item{Reader: reader}
			var at int64
			var state string
			if err := rows.Scan(&it.Slug, &at, &state); err != nil {
				return err
			}
			it.At = column.Time(at)
			list = append(list, it)
			return json.Unmarshal([]byte(state), &list[len(list)-1].Told)
		}, `
			SELECT s.slug, s.at, t.state
			FROM saved s JOIN saved_states t ON t.id = s.state_id
			WHERE s.subscriber_id = $1
			ORDER BY s.at DESC, s.slug`, reader)
	})
	if err != nil {
		return nil, fmt.Errorf("read saved comparisons: %w", err)
	}
	return list, nil
}

// holdReader keeps others from changing a reader until the transaction ends; it
// fails with subscribers.ErrNotFound where they are not on the list.
func holdReader(ctx context.Context, tx Tx, id int64) error {
	var one int
	err := tx.QueryRow(ctx, "SELECT 1 FROM subscribers s WHERE s.id = $1 AND s.email <> ''"+tx.Dialect().Hold, id).Scan(&one)
	if noRows(err) {
		return subscribers.ErrNotFound
	}
	return err
}
