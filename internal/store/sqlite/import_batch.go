package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// beginBatch numbers the import, and forgets what earlier ones kept that a send
// has made final.
func (im *importer) beginBatch() error {
	if im.o.Dry {
		return nil
	}
	for _, table := range []string{"import_changed_subscribers", "import_changed_suppressions"} {
		if _, err := im.tx.ExecContext(im.ctx, "DELETE FROM "+table+` WHERE batch_id IN (
			SELECT id FROM import_batches WHERE at <= (SELECT coalesce(max(started_at), 0) FROM sends))`); err != nil {
			return fmt.Errorf("forget %s: %w", table, err)
		}
	}
	res, err := im.tx.ExecContext(im.ctx, "INSERT INTO import_batches (source, at, first_id, last_id) VALUES (?, ?, ?, ?)",
		im.o.Source, toMillis(im.o.At), im.base+1, im.base)
	if err != nil {
		return fmt.Errorf("number the import: %w", err)
	}
	im.batch, err = res.LastInsertId()
	return err
}

// endBatch notes whom the import added.
func (im *importer) endBatch() error {
	if im.o.Dry {
		return nil
	}
	im.report.Batch = im.batch
	_, err := im.tx.ExecContext(im.ctx, "UPDATE import_batches SET last_id = (SELECT coalesce(max(id), 0) FROM subscribers) WHERE id = ?", im.batch)
	return err
}

// keepSubscriber keeps a subscriber as it is before the import changes it.
func (im *importer) keepSubscriber(id int64) error {
	if im.o.Dry {
		return nil
	}
	_, err := im.tx.ExecContext(im.ctx, `INSERT INTO import_changed_subscribers
		SELECT ?, id, name, status, suppressed, categories, source, confirmed_at, left_at FROM subscribers WHERE id = ?
		ON CONFLICT DO NOTHING`, im.batch, id)
	if err != nil {
		return fmt.Errorf("keep what is changed: %w", err)
	}
	return nil
}

// keepSuppression keeps an address's suppression, or that it has none.
func (im *importer) keepSuppression(a subscribers.Address) error {
	if im.o.Dry {
		return nil
	}
	s, err := suppressionOf(im.ctx, im.tx, a)
	if err != nil {
		return err
	}
	_, err = im.tx.ExecContext(im.ctx, `INSERT INTO import_changed_suppressions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		im.batch, a.SHA256[:], s.Reason, s.Detail, toMillis(s.At))
	if err != nil {
		return fmt.Errorf("keep what is changed: %w", err)
	}
	return nil
}

// UndoImport takes an import back.
func (list Subscribers) UndoImport(ctx context.Context, batch int64, at time.Time) (subscribers.Undone, error) {
	u := undoer{ctx: ctx, batch: batch, at: at}
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		u.tx = tx
		return u.undo()
	})
	if err != nil {
		return subscribers.Undone{}, fmt.Errorf("undo import %d: %w", batch, err)
	}
	return u.done, nil
}

// ImportBatches lists the imports, the newest first.
func (list Subscribers) ImportBatches(ctx context.Context) ([]subscribers.ImportBatch, error) {
	return importBatches(ctx, list.db.r, "1 = 1", 0)
}

func importBatches(ctx context.Context, q querier, where string, arg int64) ([]subscribers.ImportBatch, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT b.id, b.source, b.at, b.first_id, b.last_id, b.undone_at, (SELECT coalesce(max(started_at), 0) FROM sends)
		FROM import_batches b WHERE `+where+` ORDER BY b.id DESC LIMIT 100`, arg)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	defer rows.Close() // rows.Err says it
	var batches []subscribers.ImportBatch
	for rows.Next() {
		var b subscribers.ImportBatch
		var at, undone, sent int64
		if err := rows.Scan(&b.ID, &b.Source, &at, &b.FirstID, &b.LastID, &undone, &sent); err != nil {
			return nil, fmt.Errorf("read imports: %w", err)
		}
		b.At, b.UndoneAt, b.LastSend = fromMillis(at), fromMillis(undone), fromMillis(sent)
		batches = append(batches, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return batches, nil
}

// An undoer takes one import back, in one transaction.
type undoer struct {
	ctx   context.Context
	tx    *sql.Tx
	batch int64
	at    time.Time
	done  subscribers.Undone
}

func (u *undoer) undo() error {
	batches, err := importBatches(u.ctx, u.tx, "b.id = ?", u.batch)
	if err != nil {
		return err
	}
	if len(batches) == 0 {
		return subscribers.ErrNotFound
	}
	b := batches[0]
	if err := b.MayUndo(); err != nil {
		return err
	}
	if err := u.removeAdded(b); err != nil {
		return err
	}
	err = u.tx.QueryRowContext(u.ctx, "SELECT count(*) FROM subscribers WHERE id BETWEEN ? AND ? AND email <> ''", b.FirstID, b.LastID).Scan(&u.done.Kept)
	if err != nil {
		return err
	}
	if err := u.restoreSubscribers(b); err != nil {
		return err
	}
	if err := u.restoreSuppressions(b); err != nil {
		return err
	}
	_, err = u.tx.ExecContext(u.ctx, "UPDATE import_batches SET undone_at = ? WHERE id = ?", toMillis(u.at), u.batch)
	return err
}

// removeAdded removes whom the import added. Whoever has done something since,
// such as to leave, has an event: their word stands.
func (u *undoer) removeAdded(b subscribers.ImportBatch) (err error) {
	var indexes []string
	if b.LastID-b.FirstID > bulkBelow { // rebuilding them is faster than taking that many out
		if indexes, err = dropIndexes(u.ctx, u.tx); err != nil {
			return err
		}
	}
	u.done.Removed, err = changed(u.tx.ExecContext(u.ctx, `DELETE FROM subscribers
		WHERE id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = subscribers.id)`, b.FirstID, b.LastID))
	if err != nil {
		return err
	}
	return makeIndexes(u.ctx, u.tx, indexes)
}

// restoreSubscribers puts back what the import changed of readers who have done
// nothing since.
func (u *undoer) restoreSubscribers(b subscribers.ImportBatch) error {
	const from = `FROM import_changed_subscribers c
		WHERE c.batch_id = ?1 AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = c.subscriber_id AND e.at > ?2)`
	var err error
	u.done.Restored, err = changed(u.tx.ExecContext(u.ctx, `
		UPDATE subscribers
		SET name = c.name, status = c.status, suppressed = c.suppressed, categories = c.categories, source = c.source,
			confirmed_at = c.confirmed_at, left_at = c.left_at
		`+from+` AND c.subscriber_id = subscribers.id AND subscribers.email <> ''`, b.ID, toMillis(b.At)))
	if err != nil {
		return err
	}
	err = withdrawFrom(u.ctx, u.tx, `subscriber_id IN (SELECT subscriber_id FROM import_changed_subscribers WHERE batch_id = ?)
		AND NOT EXISTS (SELECT 1 FROM subscribers WHERE id = deliveries.subscriber_id AND `+isMailable+`)`, b.ID)
	if err != nil {
		return err
	}
	_, err = u.tx.ExecContext(u.ctx, `INSERT INTO subscriber_events (subscriber_id, at, kind, detail) SELECT c.subscriber_id, ?3, ?4, ?5 `+from,
		b.ID, toMillis(b.At), toMillis(u.at), subscribers.EventUndo, b.Source)
	return errors.Join(err, u.forget("import_changed_subscribers"))
}

// restoreSuppressions puts back what the import changed, but for what was
// suppressed otherwise since.
func (u *undoer) restoreSuppressions(b subscribers.ImportBatch) error {
	const mine = `FROM import_changed_suppressions c
		WHERE c.batch_id = ?1 AND c.address_sha256 = suppressions.address_sha256 AND suppressions.detail = ?2`
	if _, err := u.tx.ExecContext(u.ctx, `UPDATE suppressions SET reason = c.reason, detail = c.detail, at = c.at `+mine+` AND c.reason <> ?3`,
		b.ID, b.Source, subscribers.NotSuppressed); err != nil {
		return err
	}
	if _, err := u.tx.ExecContext(u.ctx, `DELETE FROM suppressions WHERE EXISTS (SELECT 1 `+mine+` AND c.reason = ?3)`,
		b.ID, b.Source, subscribers.NotSuppressed); err != nil {
		return err
	}
	return u.forget("import_changed_suppressions")
}

func (u *undoer) forget(table string) error {
	_, err := u.tx.ExecContext(u.ctx, "DELETE FROM "+table+" WHERE batch_id = ?", u.batch)
	return err
}
