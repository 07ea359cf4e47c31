package postgres

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/store/column"
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
