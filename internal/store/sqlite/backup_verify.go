package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/delivery"
)

// ErrOtherList is why a backup is not restored over a database.
var ErrOtherList = errors.New("the backup is of another list than the current database")

// Contents are a database's rows by table, and which list it is: a backup is
// compared by them.
type Contents struct {
	List         [8]byte // the same for a database and its backups
	Subscribers  int64
	Suppressions int64
	Editions     int64
	Sends        int64
	Deliveries   int64
}

// A rowQueryer is a pool or one of its connections.
type rowQueryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Contents counts the database's rows.
func (db *DB) Contents(ctx context.Context) (Contents, error) {
	c, err := contents(ctx, db.r)
	if err != nil {
		return c, fmt.Errorf("count the database's rows: %w", db.fault(err))
	}
	return c, nil
}

// contents counts; a table that an older schema lacks has no rows.
func contents(ctx context.Context, q rowQueryer) (c Contents, err error) {
	var secret []byte
	if err := q.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'secret'").Scan(&secret); err != nil {
		return c, damaged(err)
	}
	c.List = delivery.Identity(secret)
	for _, t := range []struct {
		table string
		n     *int64
	}{{"subscribers", &c.Subscribers}, {"suppressions", &c.Suppressions}, {"editions", &c.Editions}, {"sends", &c.Sends}, {"deliveries", &c.Deliveries}} {
		var there bool
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", t.table).Scan(&there); err != nil {
			return c, damaged(err)
		}
		if !there {
			continue
		}
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM "+t.table).Scan(t.n); err != nil {
			return c, damaged(err)
		}
	}
	return c, nil
}

// Inspect opens a backup for reading only, checks its integrity and counts its
// rows. It fails as Open does, and changes nothing.
func Inspect(ctx context.Context, path string) (c Contents, err error) {
	if _, err := os.Stat(path); err != nil {
		return c, err
	}
	if err := identify(ctx, path); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	r, err := sql.Open("sqlite3", dsn(path, onlyReads))
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := quickCheck(ctx, r); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if c, err = contents(ctx, r); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ErrUnlike is why a copy is not taken: its rows are not those of the original.
var ErrUnlike = errors.New("the copy is not like the original")

// Unpack copies a backup to a new file (0600), brings its schema up to date and
// looks it through; its rows are those of the backup. The caller closes it.
func Unpack(ctx context.Context, backup, path string) (db *DB, c Contents, err error) {
	want, err := Inspect(ctx, backup)
	if err != nil {
		return nil, c, err
	}
	if err := copyFile(backup, path); err != nil {
		return nil, c, err
	}
	if db, err = Open(ctx, path); err != nil {
		return nil, c, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	broken, err := db.Damage(ctx)
	if err == nil && len(broken) > 0 {
		err = fmt.Errorf("%w: %s: %s", ErrDamaged, backup, broken[0])
	}
	if err != nil {
		return nil, c, err
	}
	if c, err = db.Contents(ctx); err == nil && c != want {
		err = fmt.Errorf("%w: %s has %+v, after its schema was brought up to date %+v", ErrUnlike, backup, want, c)
	}
	return db, c, err
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}

// ErrInUse is why a database is not replaced: another process has it open.
var ErrInUse = errors.New("another process has the database open; stop it first")

// Replace puts the closed database at fresh in place of the one at path, which
// stays as aside (with its log, where it is too damaged to be written back); there
// is a database at path at every moment. It fails with ErrInUse while another
// process has the old one open.
func Replace(ctx context.Context, fresh, path, aside string) error {
	if _, err := os.Stat(path); err == nil {
		if err := settle(ctx, path); err != nil {
			return err
		}
		if err := os.Link(path, aside); err != nil {
			return fmt.Errorf("keep the old database: %w", err)
		}
		for _, log := range []string{"-wal", "-shm"} {
			if err := os.Rename(path+log, aside+log); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("keep the old database: %w", err)
			}
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("put the database in place: %w", err)
	}
	return atomicfile.SyncDir(filepath.Dir(path))
}

// settle writes a database's log back and ends it, which takes that nobody else
// has it open. A damaged one is left as it is.
func settle(ctx context.Context, path string) (err error) {
	w, err := sql.Open("sqlite3", dsn(path, "mode=rw&_busy_timeout=1000"))
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, w.Close()) }()
	var mode string
	err = fault(path, w.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode))
	switch {
	case errors.Is(err, ErrBusy):
		return fmt.Errorf("%s: %w", path, ErrInUse)
	case err != nil && errors.Is(damaged(err), ErrDamaged):
		return nil
	}
	return err
}

// Since is what a newer database of the same list knows.
type Since struct {
	Left int64    // readers who left, were suppressed or erased and whom the older one would mail
	Sent []string // weeks whose send has ended
	// Unknown are those of them of which the older one knows no send.
	Unknown []delivery.Adoption
}

// Since compares the database with the one at newer, which is only read.
func (db *DB) Since(ctx context.Context, newer string) (s Since, err error) {
	r, err := sql.Open("sqlite3", dsn(newer, onlyReads))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	still, err := queryIDs(ctx, r, "SELECT id FROM subscribers WHERE status = 1 AND suppressed = 0")
	if err != nil {
		return s, fault(newer, damaged(err))
	}
	s.Sent, err = queryTexts(ctx, r, "SELECT e.week FROM sends s JOIN editions e ON e.id = s.edition_id WHERE s.finished_at > 0")
	if err != nil {
		return s, fault(newer, damaged(err))
	}
	if s.Unknown, err = db.sentSince(ctx, r, s.Sent); err != nil {
		return s, fault(newer, damaged(err))
	}
	list, err := marshalled(still)
	if err != nil {
		return s, err
	}
	err = db.r.QueryRowContext(ctx, `
		SELECT count(*)
		FROM subscribers
		WHERE status = 1 AND suppressed = 0 AND id NOT IN (SELECT value FROM json_each(?))`, list).Scan(&s.Left)
	return s, db.fault(err)
}

// sentSince gives those of the weeks of which the database knows no send, as the newer
// one has them: whose message left, or may have.
func (db *DB) sentSince(ctx context.Context, newer *sql.DB, weeks []string) (list []delivery.Adoption, err error) {
	known, err := db.Deliveries().Sends(ctx)
	if err != nil {
		return nil, err
	}
	for _, week := range weeks {
		if _, ok := known[week]; ok {
			continue
		}
		var id, at int64
		err := newer.QueryRowContext(ctx, `
			SELECT s.edition_id, s.started_at FROM sends s JOIN editions e ON e.id = s.edition_id WHERE e.week = ?`, week).Scan(&id, &at)
		if err != nil {
			return nil, err
		}
		readers, err := queryIDs(ctx, newer, `
			SELECT subscriber_id FROM deliveries
			WHERE edition_id = ? AND (dots > 0 OR state = `+stateAccepted+`)`, id)
		if err != nil {
			return nil, err
		}
		list = append(list, delivery.Adoption{Week: week, SentAt: fromMillis(at), Readers: readers})
	}
	return list, nil
}
