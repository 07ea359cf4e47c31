package plainsql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Imports are what imports did to the list.
type Imports struct{ DB }

// Imports gives the database's imports.
func (db DB) Imports() Imports { return Imports{db} }

// ImportBatches lists the imports, the newest first.
func (s Imports) ImportBatches(ctx context.Context) (batches []subscribers.ImportBatch, err error) {
	err = s.Read(ctx, func(tx Tx) (err error) {
		batches, err = importBatches(ctx, tx, "")
		return err
	})
	return batches, err
}

func importBatches(ctx context.Context, tx Tx, where string, args ...any) (batches []subscribers.ImportBatch, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var b subscribers.ImportBatch
		var at, undone, sent int64
		err := rows.Scan(&b.ID, &b.Source, &at, &b.FirstID, &b.LastID, &undone, &sent)
		b.At, b.UndoneAt, b.LastSend = column.Time(at), column.Time(undone), column.Time(sent)
		batches = append(batches, b)
		return err
	}, `
		SELECT b.id, b.source, b.at, b.first_id, b.last_id, b.undone_at, (SELECT coalesce(max(started_at), 0) FROM sends)
		FROM import_batches b `+where+` ORDER BY b.id DESC LIMIT `+strconv.Itoa(subscribers.MostImports), args...)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return batches, nil
}

// forgetFinalImports forgets what was kept to undo imports that can't be undone
// any more.
func forgetFinalImports(ctx context.Context, tx Tx) error {
	batches, err := importBatches(ctx, tx, `WHERE b.id IN (SELECT batch_id FROM import_changed_subscribers UNION SELECT batch_id FROM import_changed_suppressions)`)
	for _, b := range batches {
		if b.MayUndo() != nil {
			err = errors.Join(err, forgetImport(ctx, tx, b))
		}
	}
	return err
}

func forgetImport(ctx context.Context, tx Tx, b subscribers.ImportBatch) error {
	for _, table := range []string{"import_changed_subscribers", "import_changed_suppressions"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE batch_id = $1", b.ID); err != nil {
			return fmt.Errorf("forget %s: %w", table, err)
		}
	}
	return nil
}

// UndoImport takes an import back.
func (s Imports) UndoImport(ctx context.Context, batch int64, at time.Time) (subscribers.Undone, error) {
	var done subscribers.Undone
	err := s.Write(ctx, func(tx Tx) error {
		u := undoer{ctx: ctx, tx: tx, at: at}
		err := u.undo(batch)
		done = u.done
		return err
	})
	if err != nil {
		return subscribers.Undone{}, fmt.Errorf("undo import %d: %w", batch, err)
	}
	return done, nil
}

// An undoer takes one import back, in one transaction. Whose word stands is said
// by subscribers.ImportBatch.
type undoer struct {
	ctx  context.Context
	tx   Tx
	at   time.Time
	b    subscribers.ImportBatch
	done subscribers.Undone
}

func (u *undoer) undo(batch int64) error {
	if err := u.tx.Dialect().HoldAddresses(u.ctx, u.tx); err != nil {
		return err
	}
	batches, err := importBatches(u.ctx, u.tx, "WHERE b.id = $1", batch)
	if err != nil {
		return err
	}
	if len(batches) == 0 {
		return subscribers.ErrNotFound
	}
	u.b = batches[0]
	if err := u.b.MayUndo(); err != nil {
		return err
	}
	for _, step := range []func() error{u.removeAdded, u.countKept, u.restoreSubscribers, u.withdraw, u.noteRestored, u.restoreSuppressions} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := forgetImport(u.ctx, u.tx, u.b); err != nil {
		return err
	}
	_, err = u.tx.Exec(u.ctx, "UPDATE import_batches SET undone_at = $1 WHERE id = $2", column.Millis(u.at), u.b.ID)
	return err
}

// hold keeps other transactions from the subscribers that a condition names.
func (u *undoer) hold(where string, args ...any) error {
	lock := u.tx.Dialect().HoldRow
	if lock == "" {
		return nil
	}
	var n int64
	return u.tx.QueryRow(u.ctx, "SELECT count(*) FROM (SELECT 1 FROM subscribers WHERE "+where+" ORDER BY id"+lock+") held", args...).Scan(&n)
}

// removeAdded removes whom the import added. Everybody is held first, so that no
// event comes while they are looked for.
func (u *undoer) removeAdded() error {
	if err := u.hold("id BETWEEN $1 AND $2", u.b.FirstID, u.b.LastID); err != nil {
		return err
	}
	return u.tx.Dialect().Bulk(u.ctx, u.tx, u.b.LastID-u.b.FirstID, func() (err error) {
		u.done.Removed, err = u.tx.Exec(u.ctx, `
			DELETE FROM subscribers AS s
			WHERE id BETWEEN $1 AND $2
			  AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = s.id AND e.at > $3)`,
			u.b.FirstID, u.b.LastID, column.Millis(u.b.AddedSpokeAfter()))
		return err
	})
}

func (u *undoer) countKept() error {
	return u.tx.QueryRow(u.ctx, "SELECT count(*) FROM subscribers WHERE id BETWEEN $1 AND $2 AND email <> ''", u.b.FirstID, u.b.LastID).Scan(&u.done.Kept)
}

// silent are the changed readers who have done nothing since; the last two
// parameters of a query with it are the batch and since when.
const silent = `FROM import_changed_subscribers c
	WHERE c.batch_id = %s AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = c.subscriber_id AND e.at > %s)`

// restoreSubscribers puts back what the import changed of readers who have done
// nothing since.
func (u *undoer) restoreSubscribers() (err error) {
	if err := u.hold("id IN (SELECT subscriber_id FROM import_changed_subscribers WHERE batch_id = $1)", u.b.ID); err != nil {
		return err
	}
	u.done.Restored, err = u.tx.Exec(u.ctx, `
		UPDATE subscribers AS s
		SET name = c.name, status = c.status, suppressed = c.suppressed, categories = c.categories, source = c.source,
			confirmed_at = c.confirmed_at, left_at = c.left_at
		`+fmt.Sprintf(silent, "$1", "$2")+` AND c.subscriber_id = s.id AND s.email <> ''`,
		u.b.ID, column.Millis(u.b.ChangedSpokeAfter()))
	return err
}

// withdraw takes who is not mailed any more out of the queues.
func (u *undoer) withdraw() error {
	var off []int64
	err := each(u.ctx, u.tx, func(rows Rows) error {
		var id int64
		err := rows.Scan(&id)
		off = append(off, id)
		return err
	}, `
		SELECT id FROM subscribers
		WHERE id IN (SELECT subscriber_id FROM import_changed_subscribers WHERE batch_id = $1) AND NOT (`+IsMailable+`)`, u.b.ID)
	if err != nil {
		return err
	}
	return u.tx.Dialect().WithdrawReaders(u.ctx, u.tx, off)
}

func (u *undoer) noteRestored() error {
	_, err := u.tx.Exec(u.ctx, `
		INSERT INTO subscriber_events (subscriber_id, at, kind, detail)
		SELECT c.subscriber_id, $1, $2, $3 `+fmt.Sprintf(silent, "$4", "$5"),
		column.Millis(u.at), string(subscribers.EventUndo), u.b.Source, u.b.ID, column.Millis(u.b.ChangedSpokeAfter()))
	return err
}

// restoreSuppressions puts back what the import changed of the suppressions that it
// brought.
func (u *undoer) restoreSuppressions() error {
	const mine = ` FROM import_changed_suppressions c WHERE c.batch_id = $1 AND c.address_sha256 = p.address_sha256 AND p.detail = $2 AND c.reason `
	_, err := u.tx.Exec(u.ctx, `UPDATE suppressions AS p SET reason = c.reason, detail = c.detail, at = c.at`+mine+`<> `+NotSuppressed, u.b.ID, u.b.Brought())
	if err != nil {
		return err
	}
	_, err = u.tx.Exec(u.ctx, `DELETE FROM suppressions AS p WHERE EXISTS (SELECT 1`+mine+`= `+NotSuppressed+`)`, u.b.ID, u.b.Brought())
	return err
}
