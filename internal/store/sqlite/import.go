package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"verdicts.example/digest/internal/store/plainsql"
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
	// several times over. With 2 MiB a million rows take 60 MiB in all.
	importCache = "PRAGMA cache_size = -2048"
	usualCache  = "PRAGMA cache_size = -2000" // SQLite's default
)

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// Import merges rows in one transaction.
func (list Subscribers) Import(ctx context.Context, batches iter.Seq2[[]subscribers.ImportRow, error], o subscribers.StoreImport) (subscribers.ImportReport, error) {
	im := &importer{Import: plainsql.Import{Ctx: ctx, Options: o}}
	if _, err := list.db.w.ExecContext(ctx, importCache); err != nil {
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		im.tx, im.Tx = tx, plainTx{tx}
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
	} else if err != nil { // what is to be tidied up after it fails of the same
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	} else if err = list.db.fault(tidied); err != nil {
		return subscribers.ImportReport{}, fmt.Errorf("import subscribers: %w", err)
	}
	return im.Report, nil
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
	plainsql.Import
	tx       *sql.Tx
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
	if _, err := im.tx.ExecContext(im.Ctx, importTables); err != nil {
		return err
	}
	var count int64
	err = im.tx.QueryRowContext(im.Ctx, `SELECT
		(SELECT count(*) FROM subscribers),
		(SELECT coalesce(max(id), 0) FROM subscribers),
		EXISTS (SELECT 1 FROM suppressions)`).Scan(&count, &im.base, &im.suppress)
	if err != nil {
		return err
	}
	if err := im.Begin(im.base); err != nil {
		return err
	}
	if im.insert, err = im.tx.PrepareContext(im.Ctx, insertRows(insertChunk)); err != nil {
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
	var last int64
	if err := im.tx.QueryRowContext(im.Ctx, "SELECT coalesce(max(id), 0) FROM subscribers").Scan(&last); err != nil {
		return err
	}
	if err := im.End(last); err != nil {
		return err
	}
	_, err = im.tx.ExecContext(im.Ctx, importTablesEnd)
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
		err = plainsql.MergeRows(im, rows)
	}
	if im.rows += n; err == nil && im.Options.Progress != nil {
		im.Options.Progress(im.rows)
	}
	return err
}

// chooseWay starts a bulk import when it pays: into a short list, or when the
// file is long beside the list and most of its first readers are new.
func (im *importer) chooseWay(first []subscribers.ImportRow, count int64) error {
	if count > bulkBelow {
		if im.Options.Size/rowBytes < count/bulkPart {
			return nil
		}
		known := make([]subscribers.Known, len(first))
		if err := im.LookUpSubscribers(first, known); err != nil {
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

// Apply does what subscribers.Merge decides.
func (im *importer) Apply(rows []subscribers.ImportRow, known []subscribers.Known) error {
	added := rows[:0:0]
	for i, r := range rows {
		change, sub, reason := subscribers.Merge(known[i], r)
		if write, err := im.Report.Count(change, r, reason); err != nil {
			return err
		} else if !write {
			continue
		}
		if change == subscribers.Added {
			added = append(added, im.Report.Fresh(r, reason))
		} else if err := im.update(known[i].Subscriber, sub, r); err != nil {
			return err
		}
	}
	if err := im.touch(rows, known); err != nil {
		return err
	}
	return im.addRows(added)
}
