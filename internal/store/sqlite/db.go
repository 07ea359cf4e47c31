// Package sqlite keeps subscribers, editions and deliveries in one SQLite file.
//
// The package promises: every write is one transaction on the single writer
// connection, durable when it returns (WAL, synchronous=FULL); readers never
// block it; the file is 0600; a file of a newer schema than the program's, a
// damaged one, another program's, or one whose connections do not have the
// pragmas is refused. Times are stored as Unix milliseconds in UTC, 0 for none.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrBusy        = store.ErrBusy
	ErrNone        = store.ErrNone
	ErrForeign     = errors.New("the file is an SQLite database of another program")
	ErrNewerSchema = errors.New("the database was made by a newer version of digest")
	ErrDamaged     = errors.New("the database is damaged")
	ErrPragmas     = errors.New("the database connection lacks its settings")
)

// The settings go into the DSN, so that every connection has them; Open
// asserts them, because an unknown DSN parameter is ignored silently. With
// secure_delete an erased reader leaves no trace in free pages. Readers look a
// few rows up or scan: half a megabyte of page cache does for each.
const (
	// busyTimeout is how long SQLite itself waits for another process, in milliseconds.
	busyTimeout = "5000"

	writerDSN = "_journal_mode=WAL&_busy_timeout=" + busyTimeout + "&_foreign_keys=on&_synchronous=FULL&_txlock=immediate&_secure_delete=on&_stmt_cache_size=64"
	readerDSN = onlyReads + "&_foreign_keys=on&_cache_size=-512"
	onlyReads = "mode=ro&_query_only=true&_busy_timeout=" + busyTimeout
	readers   = 4
)

// A DB is an open database. It is safe for concurrent use; Close it once.
type DB struct {
	plainsql.Parts

	path string
	name string      // what errors call it: where it will be, while it is made elsewhere
	file os.FileInfo // as it was opened, to tell when it is gone
	// stood is when it was last seen to be there, in Unix nanoseconds.
	stood atomic.Int64
	w     *sql.DB // one connection: SQLite has one writer
	r     *sql.DB // read only
	pulse
	signUps group.Group[plainsql.QueuedRow]
	votes   group.Group[votes.Vote]
}

// Open opens the database at path, making it (0600, its folder 0700) if there
// is none, checks its integrity and brings its schema up to date.
func Open(ctx context.Context, path string) (*DB, error) {
	return OpenNew(ctx, path, path)
}

// OpenNew is Open of a file that will be called name: errors call it so.
func OpenNew(ctx context.Context, path, name string) (*DB, error) {
	db, err := openAs(ctx, path, name)
	if err != nil {
		return nil, err
	}
	if err := db.plain().Moving().Here(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", name, err), db.Close())
	}
	return db, nil
}

// OpenToMove is Open, or OpenExisting, also where the list has gone elsewhere or
// is on its way.
func OpenToMove(ctx context.Context, path string, create bool) (*DB, error) {
	if !create {
		if err := exists(path); err != nil {
			return nil, err
		}
	}
	return openAs(ctx, path, path)
}

func openAs(ctx context.Context, path, name string) (_ *DB, err error) {
	if _, was := os.Stat(path); errors.Is(was, os.ErrNotExist) {
		defer func() {
			if err != nil { // a full disk: an empty file would be in the way of the next who makes one
				removeEmpty(path)
			}
		}()
	}
	db, err := open(ctx, path)
	if errors.Is(err, ErrDamaged) {
		db, err = openAgain(ctx, path)
	}
	if err == nil {
		db.name = name
		return db, nil
	}
	err = fault(name, err)
	var f *FileError
	if errors.As(err, &f) && f.Path == name {
		return nil, fmt.Errorf("open database %w", err)
	}
	return nil, fmt.Errorf("open database %s: %w", name, err)
}

// removeEmpty takes away a database's file that has nothing in it.
func removeEmpty(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 && info.Mode().IsRegular() {
		_ = os.Remove(path) // it does no harm but being there
	}
}

// OpenExisting is Open for whoever only reads: where there is no database it
// makes none and fails with ErrNone.
func OpenExisting(ctx context.Context, path string) (*DB, error) {
	if err := exists(path); err != nil {
		return nil, err
	}
	return Open(ctx, path)
}

func exists(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 && info.Mode().IsRegular() {
		return fmt.Errorf("%w at %s", ErrNone, path)
	}
	return nil
}

func open(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	db := &DB{path: path, name: path, pulse: pulse{space: space}}
	db.Parts = plainsql.NewParts(db.plain())
	if db.file, err = f.Stat(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if err := identify(ctx, path); err != nil {
		return nil, err
	}
	if db.w, err = sql.Open("sqlite3", dsn(path, writerDSN)); err != nil {
		return nil, err
	}
	db.w.SetMaxOpenConns(1)
	if err := db.prepare(ctx, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepare checks and migrates through the writer, then opens the readers.
func (db *DB) prepare(ctx context.Context, path string) error {
	if err := assertPragmas(ctx, db.w); err != nil {
		return err
	}
	if err := quickCheck(ctx, db.w); err != nil {
		return err
	}
	if err := migrate(ctx, db.w); err != nil {
		return err
	}
	var err error
	if db.r, err = sql.Open("sqlite3", dsn(path, readerDSN)); err != nil {
		return err
	}
	db.r.SetMaxOpenConns(readers)
	db.r.SetMaxIdleConns(readers)
	if err := db.r.PingContext(ctx); err != nil {
		return err
	}
	return db.healCancelled(ctx, time.Now())
}

// Close closes every connection; the last one checkpoints the WAL.
func (db *DB) Close() error {
	var errs []error
	for _, p := range []*sql.DB{db.r, db.w} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(errs...)
}

// dsn gives an SQLite URI. The path is escaped: a "?" in it would start the
// query.
func dsn(path, query string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query}).String()
}

func assertPragmas(ctx context.Context, db *sql.DB) error {
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": busyTimeout, "secure_delete": "1"}
	for name, value := range want {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", name, damaged(err))
		}
		if got != value {
			return fmt.Errorf("%w: %s is %s, want %s (is the file on a network drive or read-only?)", ErrPragmas, name, got, value)
		}
	}
	return nil
}

func quickCheck(ctx context.Context, db *sql.DB) error {
	var got string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&got); err != nil {
		return damaged(err)
	}
	if got != "ok" && unread(got) {
		return fmt.Errorf("%w: %s", sqlite3.Error{Code: sqlite3.ErrIoErr}, got)
	}
	if got != "ok" {
		return fmt.Errorf("%w: %s; restore a backup", ErrDamaged, got)
	}
	return nil
}
