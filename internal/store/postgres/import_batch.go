package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// beginBatch numbers the import, and forgets what earlier ones kept that a send
// has made final.
func (im *importer) beginBatch() error {
	if im.o.Dry {
		return nil
	}
	for _, table := range []string{"import_changed_subscribers", "import_changed_suppressions"} {
		if _, err := im.tx.Exec(im.ctx, "DELETE FROM "+table+` WHERE batch_id IN (
			SELECT id FROM import_batches WHERE at <= (SELECT coalesce(max(started_at), 0) FROM sends))`); err != nil {
			return fmt.Errorf("forget %s: %w", table, err)
		}
	}
	err := im.tx.QueryRow(im.ctx, "INSERT INTO import_batches (source, at, first_id, last_id) VALUES ($1, $2, $3, $4) RETURNING id",
		text(im.o.Source), column.Millis(im.o.At), im.base+1, im.base).Scan(&im.batch)
	if err != nil {
		return fmt.Errorf("number the import: %w", err)
	}
	return nil
}

// endBatch notes whom the import added.
func (im *importer) endBatch() error {
	if im.o.Dry {
		return nil
	}
	im.report.Batch = im.batch
	_, err := im.tx.Exec(im.ctx, "UPDATE import_batches SET last_id = $1 WHERE id = $2", im.last, im.batch)
	return err
}

// keepSubscribers keeps subscribers as they are before the import changes them.
func (im *importer) keepSubscribers(list []subscribers.Known) error {
	if im.o.Dry {
		return nil
	}
	ids := make([]int64, len(list))
	for i, k := range list {
		ids[i] = k.Subscriber.ID
	}
	_, err := im.tx.Exec(im.ctx, `INSERT INTO import_changed_subscribers
		SELECT $1, id, name, status, suppressed, categories, source, confirmed_at, left_at FROM subscribers WHERE id = ANY($2)
		ON CONFLICT DO NOTHING`, im.batch, ids)
	if err != nil {
		return fmt.Errorf("keep what is changed: %w", err)
	}
	return nil
}

// keepSuppression keeps an address's suppression, or that it has none.
func (im *importer) keepSuppression(a subscribers.Address) error {
	s, err := suppressionOf(im.ctx, im.tx, a)
	if err != nil {
		return err
	}
	return im.keepSuppressions([][]any{{im.batch, a.SHA256[:], int16(s.Reason), s.Detail, column.Millis(s.At)}})
}

func (im *importer) keepSuppressions(rows [][]any) error {
	if im.o.Dry {
		return nil
	}
	return im.write("import_changed_suppressions", []string{"batch_id", "address_sha256", "reason", "detail", "at"}, rows, "ON CONFLICT DO NOTHING")
}

// write inserts rows in one statement.
func (im *importer) write(table string, columns []string, rows [][]any, conflict string) error {
	const most = 10_000 // values in a statement; the protocol takes 65,535
	for len(rows) > 0 {
		n := min(len(rows), most/len(columns))
		var values strings.Builder
		args := make([]any, 0, n*len(columns))
		for i, row := range rows[:n] {
			for j := range row {
				sep := ", "
				if j == 0 {
					sep = "), ("
				}
				if i+j == 0 {
					sep = "("
				}
				args = append(args, row[j])
				fmt.Fprintf(&values, "%s$%d", sep, len(args))
			}
		}
		_, err := im.tx.Exec(im.ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+values.String()+") "+conflict, args...)
		if err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}

// UndoImport takes an import back.
func (list Subscribers) UndoImport(ctx context.Context, batch int64, at time.Time) (subscribers.Undone, error) {
	var done subscribers.Undone
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		u := undoer{ctx: ctx, tx: tx, batch: batch, at: at}
		err := u.undo()
		done = u.done
		return err
	})
	if err != nil {
		return subscribers.Undone{}, fmt.Errorf("undo import %d: %w", batch, err)
	}
	return done, nil
}

// ImportBatches lists the imports, the newest first.
func (list Subscribers) ImportBatches(ctx context.Context) ([]subscribers.ImportBatch, error) {
	batches, err := importBatches(ctx, list.db.pool, "TRUE")
	return batches, list.db.fault(err)
}

func importBatches(ctx context.Context, q querier, where string, args ...any) ([]subscribers.ImportBatch, error) {
	rows, err := q.Query(ctx, `
		SELECT b.id, b.source, b.at, b.first_id, b.last_id, b.undone_at, (SELECT coalesce(max(started_at), 0) FROM sends)
		FROM import_batches b WHERE `+where+` ORDER BY b.id DESC LIMIT 100`, args...)
	batches, err := collect(rows, err, func(row pgx.CollectableRow) (b subscribers.ImportBatch, err error) {
		var at, undone, sent int64
		err = row.Scan(&b.ID, &b.Source, &at, &b.FirstID, &b.LastID, &undone, &sent)
		b.At, b.UndoneAt, b.LastSend = column.Time(at), column.Time(undone), column.Time(sent)
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return batches, nil
}
