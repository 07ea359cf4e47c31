package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
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
	im := &importer{Import: plainsql.Import{Ctx: ctx, Options: o}, touched: map[int64]int32{}}
	// Once, not again after a failure: the batches can be read once.
	err := list.db.fault(once(ctx, list.db.pool, func(tx pgx.Tx) error {
		im.tx, im.Tx = tx, plainTx{tx}
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
		return im.Report, nil
	case errors.Is(err, subscribers.ErrCSV):
		return subscribers.ImportReport{}, err // the file's fault, not the database's
	case err != nil:
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	return im.Report, nil
}

// An importer is one import's transaction. A new subscriber's id is base plus
// the row's line, so that an id tells which line it came from.
type importer struct {
	plainsql.Import
	tx       pgx.Tx
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
	if err := holdEveryAddress(im.Ctx, im.tx); err != nil {
		return err
	}
	err := im.tx.QueryRow(im.Ctx, `SELECT
		greatest((SELECT coalesce(max(id), 0) FROM subscribers),
			coalesce(pg_sequence_last_value(pg_get_serial_sequence('subscribers', 'id')), 0)),
		EXISTS (SELECT 1 FROM suppressions)`).Scan(&im.base, &im.suppress)
	if err != nil {
		return err
	}
	im.last = im.base
	return im.Begin(im.base)
}

// end has the ids that were given never be given again.
func (im *importer) end() error {
	if im.last > im.base {
		_, err := im.tx.Exec(im.Ctx, "SELECT setval(pg_get_serial_sequence('subscribers', 'id'), $1)", im.last)
		if err != nil {
			return err
		}
	}
	return im.End(im.last)
}

// take takes a chunk of rows.
func (im *importer) take(rows []subscribers.ImportRow) error {
	n := len(rows)
	if err := plainsql.MergeRows(im, im.putHashedAside(rows)); err != nil {
		return err
	}
	if im.rows += n; n > 0 && im.Options.Progress != nil {
		im.Options.Progress(im.rows)
	}
	return nil
}

// Apply does what subscribers.Merge decides. Whom it changes are held first and
// decided on again: they may have left meanwhile.
func (im *importer) Apply(rows []subscribers.ImportRow, known []subscribers.Known) error {
	var added, updated []subscribers.ImportRow
	var old []subscribers.Known
	for i, r := range rows {
		change, _, reason := subscribers.Merge(known[i], r)
		if change == subscribers.Updated {
			updated, old = append(updated, r), append(old, known[i])
		} else if write, err := im.Report.Count(change, r, reason); err != nil {
			return err
		} else if write {
			added = append(added, im.Report.Fresh(r, reason))
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

// addRows inserts new subscribers.
func (im *importer) addRows(rows []subscribers.ImportRow) error {
	for _, r := range rows {
		im.last = max(im.last, im.base+int64(r.Line))
		if r.Suppressed != subscribers.NotSuppressed {
			im.suppress = true
			if err := im.RecordSuppression(r); err != nil {
				return err
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := im.tx.CopyFrom(im.Ctx, pgx.Identifier{"subscribers"}, []string{
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
			text(im.Options.Source),
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
