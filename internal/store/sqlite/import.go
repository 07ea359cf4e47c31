package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"verdicts.example/digest/subscribers"
)

const (
	// bulkBelow is the list's length up to which an import always builds the
	// indexes anew at its end. For each new row that is five times as fast as
	// keeping them up to date, and pays from about a quarter of the list's length.
	bulkBelow = 20_000
	bulkPart  = 4

	rowBytes = 50 // of a CSV file, roughly

	// importCache is for random index pages and for sorting; sorting takes it
	// several times over. With 4 MiB a million rows take 60 MiB in all.
	importCache = "PRAGMA cache_size = -4096"
	usualCache  = "PRAGMA cache_size = -2000" // SQLite's default
)

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// Import merges rows in one transaction.
func (list Subscribers) Import(ctx context.Context, batches iter.Seq2[[]subscribers.ImportRow, error], o subscribers.StoreImport) (subscribers.ImportReport, error) {
	im := &importer{ctx: ctx, o: o}
	if _, err := list.db.w.ExecContext(ctx, importCache); err != nil {
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		im.tx = tx
		if err := im.importAll(batches); err != nil {
			return err
		}
		if o.Dry {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if tidied := list.db.tidyUp(context.WithoutCancel(ctx), im.rows); tidied == nil && errors.Is(err, subscribers.ErrCSV) {
		return subscribers.ImportReport{}, err // the file's fault, not the database's
	} else if err = errors.Join(err, tidied); err != nil {
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	return im.report, nil
}

// tidyUp gives memory back, and the disk space that a large transaction took in
// the log.
func (db *DB) tidyUp(ctx context.Context, rows int) error {
	pragmas := []string{usualCache, "PRAGMA shrink_memory"}
	if rows > bulkBelow {
		pragmas = append(pragmas, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	for _, pragma := range pragmas {
		if _, err := db.w.ExecContext(ctx, pragma); err != nil {
			return fmt.Errorf("tidy up: %w", err)
		}
	}
	return nil
}

// An importer is one import's transaction. A new subscriber's id is base plus
// the row's line, so that an id tells which line it came from.
type importer struct {
	ctx      context.Context
	tx       *sql.Tx
	o        subscribers.StoreImport
	report   subscribers.ImportReport
	batch    int64 // the import's number
	base     int64 // the highest id before
	suppress bool  // whether there are suppressions to look for
	insert   *sql.Stmt
	rows     int      // read so far
	seen     *bloom   // not nil: a bulk import
	indexes  []string // that a bulk import builds at its end
}

// touched has the lines whose subscribers were on the list before the import;
// later has the rows of a bulk import that need the indexes; hashed has the
// suppressions without an address.
const importTables = `
	DROP TABLE IF EXISTS temp.touched;
	DROP TABLE IF EXISTS temp.later;
	DROP TABLE IF EXISTS temp.hashed;
	CREATE TEMP TABLE touched (id INTEGER PRIMARY KEY, line INTEGER NOT NULL);
	CREATE TEMP TABLE later (id INTEGER PRIMARY KEY, row TEXT NOT NULL);
	CREATE TEMP TABLE hashed (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, row TEXT NOT NULL)`

const importTablesEnd = `
	DROP TABLE temp.touched;
	DROP TABLE temp.later;
	DROP TABLE temp.hashed`

func (im *importer) importAll(batches iter.Seq2[[]subscribers.ImportRow, error]) (err error) {
	if _, err := im.tx.ExecContext(im.ctx, importTables); err != nil {
		return err
	}
	var count int64
	err = im.tx.QueryRowContext(im.ctx, `SELECT
		(SELECT count(*) FROM subscribers),
		(SELECT coalesce(max(id), 0) FROM subscribers),
		EXISTS (SELECT 1 FROM suppressions)`).Scan(&count, &im.base, &im.suppress)
	if err != nil {
		return err
	}
	if err := im.beginBatch(); err != nil {
		return err
	}
	if im.insert, err = im.tx.PrepareContext(im.ctx, insertRows(insertChunk)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.insert.Close()) }()
	for rows, err := range batches {
		if err != nil {
			return err
		}
		if err := im.takeBatch(rows, count); err != nil {
			return err
		}
	}
	if err := im.endBulk(); err != nil {
		return err
	}
	if err := im.mergeHashed(); err != nil {
		return err
	}
	if err := im.endBatch(); err != nil {
		return err
	}
	_, err = im.tx.ExecContext(im.ctx, importTablesEnd)
	return err
}

// takeBatch takes a batch, after the first one has shown how to go about it.
func (im *importer) takeBatch(rows []subscribers.ImportRow, count int64) error {
	if im.rows == 0 {
		if err := im.chooseWay(rows, count); err != nil {
			return err
		}
	}
	n := len(rows)
	rows, err := im.putHashedAside(rows)
	switch {
	case err != nil:
	case im.seen != nil:
		err = im.appendNew(rows)
	default:
		err = im.merge(rows)
	}
	if im.rows += n; err == nil && im.o.Progress != nil {
		im.o.Progress(im.rows)
	}
	return err
}

// chooseWay starts a bulk import when it pays: into a short list, or when the
// file is long beside the list and most of its first readers are new.
func (im *importer) chooseWay(first []subscribers.ImportRow, count int64) error {
	if count > bulkBelow {
		if im.o.Size/rowBytes < count/bulkPart {
			return nil
		}
		known := make([]subscribers.Known, len(first))
		if err := im.lookUpSubscribers(first, known); err != nil {
			return err
		}
		found := 0
		for _, k := range known {
			if k.Found {
				found++
			}
		}
		if found > len(first)/2 {
			return nil
		}
	}
	return im.startBulk()
}

// merge decides on a batch with the indexes in place.
func (im *importer) merge(rows []subscribers.ImportRow) error {
	for len(rows) > 0 {
		n := subscribers.DistinctRows(rows)
		known, err := im.lookUp(rows[:n])
		if err != nil {
			return err
		}
		if err := im.apply(rows[:n], known); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// apply does what subscribers.Merge decides.
func (im *importer) apply(rows []subscribers.ImportRow, known []subscribers.Known) error {
	added := rows[:0:0]
	for i, r := range rows {
		change, sub, reason := subscribers.Merge(known[i], r)
		switch change {
		case subscribers.Added:
			if reason != "" {
				r.Token = subscribers.NewToken()
				im.report.Note(subscribers.RowFault{Line: r.Line, Email: r.Address.Email, Reason: reason})
			}
			added = append(added, r)
		case subscribers.Updated:
			if err := im.update(known[i].Subscriber, sub, r); err != nil {
				return err
			}
			im.report.Updated++
		case subscribers.Unchanged:
			im.report.Unchanged++
		case subscribers.Rejected:
			if err := im.reject(r, reason); err != nil {
				return err
			}
		}
	}
	if err := im.touch(rows, known); err != nil {
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
