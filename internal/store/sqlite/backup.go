package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"verdicts.example/digest/internal/atomicfile"
)

// ErrBackupExists is why Backup writes nothing: there is a file of that name.
var ErrBackupExists = errors.New("the file exists already; name another or remove it")

// Backup writes a consistent copy of the database to a new file (0600), while
// others read and write; the copy is on the disk when it returns, and was opened
// and looked through. Where nobody wrote meanwhile its rows were counted too. It
// overwrites nothing, and leaves no half a file behind when it fails.
func (db *DB) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("back up to %s: %w", path, ErrBackupExists)
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	want, still, err := db.vacuumInto(ctx, path)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = verifyCopy(ctx, path, want, still)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = atomicfile.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", path, errors.Join(room(err), os.Remove(path)))
	}
	return nil
}

// room names a full disk, which SQLite's words do not: the copy's, where one is made.
func room(err error) error {
	if full := fault("", err); errors.Is(full, syscall.ENOSPC) {
		return fmt.Errorf("%w (%w)", syscall.ENOSPC, err)
	}
	return err
}

func verifyCopy(ctx context.Context, path string, want Contents, still bool) error {
	got, err := Inspect(ctx, path)
	if err == nil && still && got != want {
		err = fmt.Errorf("%w: it has %+v, not %+v", ErrUnlike, got, want)
	}
	return err
}

// vacuumInto writes the copy through a reader, so that the writer goes on, and
// gives the rows before it; still says that nobody wrote until it was made. For
// the time of it the reader is not "query only", which would forbid the copy too;
// the database itself stays opened read-only.
func (db *DB) vacuumInto(ctx context.Context, path string) (before Contents, still bool, err error) {
	conn, err := db.r.Conn(ctx)
	if err != nil {
		return before, false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	version := func() (v int64, err error) {
		err = conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
		return v, err
	}
	first, err := version()
	if err != nil {
		return before, false, err
	}
	if before, err = contents(ctx, conn); err != nil {
		return before, false, err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = OFF"); err != nil {
		return before, false, err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path) // takes an empty file
	_, on := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = ON")
	if err := errors.Join(err, on); err != nil {
		return before, false, err
	}
	last, err := version()
	return before, first == last, err
}

// Free is how many bytes this process may still write to the disk of dir.
func Free(dir string) (uint64, error) { return space(dir) }
