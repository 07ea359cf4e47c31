package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// An undoer takes one import back, in one transaction.
type undoer struct {
	ctx   context.Context
	tx    pgx.Tx
	batch int64
	at    time.Time
	done  subscribers.Undone
}

func (u *undoer) undo() error {
	if err := holdEveryAddress(u.ctx, u.tx); err != nil {
		return err
	}
	batches, err := importBatches(u.ctx, u.tx, "b.id = $1", u.batch)
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
	err = u.tx.QueryRow(u.ctx, "SELECT count(*) FROM subscribers WHERE id BETWEEN $1 AND $2 AND email <> ''", b.FirstID, b.LastID).Scan(&u.done.Kept)
	if err != nil {
		return err
	}
	if err := u.restoreSubscribers(b); err != nil {
		return err
	}
	if err := u.restoreSuppressions(b); err != nil {
		return err
	}
	_, err = u.tx.Exec(u.ctx, "UPDATE import_batches SET undone_at = $1 WHERE id = $2", column.Millis(u.at), u.batch)
	return err
}

// removeAdded removes whom the import added. Whoever has done something since,
// such as to leave, has an event: their word stands. Everybody is held first, so
// that no event comes while they are looked for.
func (u *undoer) removeAdded(b subscribers.ImportBatch) (err error) {
	if _, err := u.tx.Exec(u.ctx, "SELECT count(*) FROM (SELECT 1 FROM subscribers WHERE id BETWEEN $1 AND $2 ORDER BY id FOR UPDATE) held", b.FirstID, b.LastID); err != nil {
		return err
	}
	u.done.Removed, err = run(u.ctx, u.tx, `DELETE FROM subscribers s
		WHERE id BETWEEN $1 AND $2 AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = s.id)`, b.FirstID, b.LastID)
	return err
}

// restoreSubscribers puts back what the import changed of readers who have done
// nothing since.
func (u *undoer) restoreSubscribers(b subscribers.ImportBatch) error {
	const from = `FROM import_changed_subscribers c
		WHERE c.batch_id = $1 AND NOT EXISTS (SELECT 1 FROM subscriber_events e WHERE e.subscriber_id = c.subscriber_id AND e.at > $2)`
	_, err := u.tx.Exec(u.ctx, `SELECT count(*) FROM (
		SELECT 1 FROM subscribers
		WHERE id IN (SELECT subscriber_id FROM import_changed_subscribers WHERE batch_id = $1) ORDER BY id FOR UPDATE) held`, b.ID)
	if err != nil {
		return err
	}
	u.done.Restored, err = run(u.ctx, u.tx, `
		UPDATE subscribers s
		SET name = c.name, status = c.status, suppressed = c.suppressed, categories = c.categories, source = c.source,
			confirmed_at = c.confirmed_at, left_at = c.left_at
		`+from+` AND c.subscriber_id = s.id AND s.email <> ''`, b.ID, column.Millis(b.At))
	if err != nil {
		return err
	}
	rows, err := u.tx.Query(u.ctx, `
		SELECT id FROM subscribers
		WHERE id IN (SELECT subscriber_id FROM import_changed_subscribers WHERE batch_id = $1) AND NOT (`+plainsql.IsMailable+`)`, b.ID)
	off, err := collect(rows, err, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	if err := withdrawReaders(u.ctx, u.tx, off...); err != nil {
		return err
	}
	_, err = u.tx.Exec(u.ctx, `
		INSERT INTO subscriber_events (subscriber_id, at, kind, detail)
		SELECT c.subscriber_id, $3, $4, $5 `+from,
		b.ID, column.Millis(b.At), column.Millis(u.at), subscribers.EventUndo, b.Source)
	return errors.Join(err, u.forget("import_changed_subscribers"))
}

// restoreSuppressions puts back what the import changed, but for what was
// suppressed otherwise since.
func (u *undoer) restoreSuppressions(b subscribers.ImportBatch) error {
	const mine = ` c.batch_id = $1 AND c.address_sha256 = p.address_sha256 AND p.detail = $2`
	_, err := u.tx.Exec(u.ctx, `
		UPDATE suppressions p SET reason = c.reason, detail = c.detail, at = c.at
		FROM import_changed_suppressions c WHERE`+mine+` AND c.reason <> $3`, b.ID, b.Source, int16(subscribers.NotSuppressed))
	if err != nil {
		return err
	}
	_, err = u.tx.Exec(u.ctx, `
		DELETE FROM suppressions p USING import_changed_suppressions c
		WHERE`+mine+` AND c.reason = $3`, b.ID, b.Source, int16(subscribers.NotSuppressed))
	return errors.Join(err, u.forget("import_changed_suppressions"))
}

func (u *undoer) forget(table string) error {
	_, err := u.tx.Exec(u.ctx, "DELETE FROM "+table+" WHERE batch_id = $1", u.batch)
	return err
}
