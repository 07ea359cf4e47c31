package sqlite

import (
	"fmt"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// beginBatch numbers the import, and forgets what earlier ones kept that a send
// has made final.
func (im *importer) beginBatch() error {
	if im.o.Dry {
		return nil
	}
	if err := plainsql.ForgetFinalImports(im.ctx, plainTx{im.tx}); err != nil {
		return err
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
