package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// importChunk is how many rows are looked up and written at a time.
const importChunk = 5000

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// Import merges rows in one transaction. It holds every address: nobody is added
// or suppressed meanwhile. Readers confirm, leave and vote as before, and sign-ups
// wait in their queue.
func (list Subscribers) Import(ctx context.Context, batches iter.Seq2[[]subscribers.ImportRow, error], o subscribers.StoreImport) (subscribers.ImportReport, error) {
	im := &importer{ctx: ctx, o: o, touched: map[int64]int32{}}
	// Once, not again after a failure: the batches can be read once.
	err := list.db.fault(once(ctx, list.db.pool, func(tx pgx.Tx) error {
		im.tx = tx
		if err := im.importAll(batches); err != nil {
			return err
		}
		if o.Dry {
			return errDryRun
		}
		return nil
	}))
	switch {
	case errors.Is(err, errDryRun):
		return im.report, nil
	case errors.Is(err, subscribers.ErrCSV):
		return subscribers.ImportReport{}, err // the file's fault, not the database's
	case err != nil:
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	return im.report, nil
}

// An importer is one import's transaction. A new subscriber's id is base plus
// the row's line, so that an id tells which line it came from.
type importer struct {
	ctx      context.Context
	tx       pgx.Tx
	o        subscribers.StoreImport
	report   subscribers.ImportReport
	batch    int64           // the import's number
	base     int64           // the highest id before
	last     int64           // the highest id that was given
	suppress bool            // whether there are suppressions to look for
	rows     int             // read so far
	touched  map[int64]int32 // the lines of subscribers who were on the list before
	hashed   []hashedRow     // suppressions without an address
}

func (im *importer) importAll(batches iter.Seq2[[]subscribers.ImportRow, error]) error {
	if err := im.begin(); err != nil {
		return err
	}
	var chunk []subscribers.ImportRow
	for rows, err := range batches {
		if err != nil {
			return err
		}
		if chunk = append(chunk, rows...); len(chunk) < importChunk {
			continue
		}
		if err := im.take(chunk); err != nil {
			return err
		}
		chunk = chunk[:0]
	}
	if err := im.take(chunk); err != nil {
		return err
	}
	if err := im.mergeHashed(); err != nil {
		return err
	}
	return im.end()
}

// begin holds the addresses and finds out what there is.
func (im *importer) begin() error {
	if err := holdEveryAddress(im.ctx, im.tx); err != nil {
		return err
	}
	err := im.tx.QueryRow(im.ctx, `SELECT
		greatest((SELECT coalesce(max(id), 0) FROM subscribers),
			coalesce(pg_sequence_last_value(pg_get_serial_sequence('subscribers', 'id')), 0)),
		EXISTS (SELECT 1 FROM suppressions)`).Scan(&im.base, &im.suppress)
	if err != nil {
		return err
	}
	im.last = im.base
	return im.beginBatch()
}

// end has the ids that were given never be given again.
func (im *importer) end() error {
	if im.last > im.base {
		_, err := im.tx.Exec(im.ctx, "SELECT setval(pg_get_serial_sequence('subscribers', 'id'), $1)", im.last)
		if err != nil {
			return err
		}
	}
	return im.endBatch()
}

// take takes a chunk of rows.
func (im *importer) take(rows []subscribers.ImportRow) error {
	n := len(rows)
	for rows = im.putHashedAside(rows); len(rows) > 0; {
		d := subscribers.DistinctRows(rows)
		known, err := im.lookUp(rows[:d])
		if err != nil {
			return err
		}
		if err := im.apply(rows[:d], known); err != nil {
			return err
		}
		rows = rows[d:]
	}
	if im.rows += n; n > 0 && im.o.Progress != nil {
		im.o.Progress(im.rows)
	}
	return nil
}

// apply does what subscribers.Merge decides. Whom it changes are held first and
// decided on again: they may have left meanwhile.
func (im *importer) apply(rows []subscribers.ImportRow, known []subscribers.Known) error {
	var added, updated []subscribers.ImportRow
	var old []subscribers.Known
	for i, r := range rows {
		change, _, reason := subscribers.Merge(known[i], r)
		switch change {
		case subscribers.Added:
			if reason != "" {
				r.Token = subscribers.NewToken()
				im.report.Note(subscribers.RowFault{Line: r.Line, Email: r.Address.Email, Reason: reason})
			}
			added = append(added, r)
		case subscribers.Updated:
			updated, old = append(updated, r), append(old, known[i])
		case subscribers.Unchanged:
			im.report.Unchanged++
		case subscribers.Rejected:
			if err := im.reject(r, reason); err != nil {
				return err
			}
		}
		if k := known[i]; k.Found && k.Line == 0 {
			im.touched[k.Subscriber.ID] = int32(r.Line)
		}
	}
	if err := im.update(updated, old); err != nil {
		return err
	}
	return im.addRows(added)
}

func (im *importer) reject(r subscribers.ImportRow, reason string) error {
	im.report.Rejected = append(im.report.Rejected, subscribers.RowFault{Line: r.Line, Email: r.Address.Email, Reason: reason})
	if len(im.report.Rejected) > subscribers.MaxRejected {
		return fmt.Errorf("%w: more than %d rows were rejected; the last one is line %d: %s", subscribers.ErrCSV, subscribers.MaxRejected, r.Line, reason)
	}
	return nil
}

// addRows inserts new subscribers.
func (im *importer) addRows(rows []subscribers.ImportRow) error {
	im.report.Added += len(rows)
	for _, r := range rows {
		im.last = max(im.last, im.base+int64(r.Line))
		if r.Suppressed != subscribers.NotSuppressed {
			if err := im.recordSuppression(r); err != nil {
				return err
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := im.tx.CopyFrom(im.ctx, pgx.Identifier{"subscribers"}, []string{
		"id", "email", "email_key", "address_hash", "name", "status", "suppressed", "token",
		"categories", "source", "created_at", "confirmed_at", "left_at",
	}, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		r := &rows[i]
		return []any{
			im.base + int64(r.Line),
			r.Address.Email,
			r.Address.Key,
			r.Address.Hash,
			text(r.Name),
			int16(r.Status),
			int16(r.Suppressed),
			r.Token[:],
			text(subscribers.JoinCategories(r.Categories)),
			text(im.o.Source),
			column.Millis(r.Created),
			column.Millis(r.Confirmed),
			column.Millis(r.Left),
		}, nil
	}))
	if err != nil {
		return fmt.Errorf("insert lines %d to %d: %w", rows[0].Line, rows[len(rows)-1].Line, err)
	}
	return nil
}

func (im *importer) recordSuppression(r subscribers.ImportRow) error {
	im.suppress = true
	if err := im.keepSuppression(r.Address); err != nil {
		return err
	}
	_, err := recordSuppression(im.ctx, im.tx, r.Address, subscribers.Suppression{Reason: r.Suppressed, Detail: im.o.Source, At: im.o.At})
	return err
}
