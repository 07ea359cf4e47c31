package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrBackupExists is why Backup writes nothing: there is a file of that name.
var ErrBackupExists = errors.New("the file exists already; name another or remove it")

// Backup writes a consistent copy of the database to a new file (0600), while
// others read and write; the copy is on the disk when it returns. It overwrites
// nothing, and leaves no half a file behind when it fails.
func (db *DB) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("back up to %s: %w", path, ErrBackupExists)
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err = db.vacuumInto(ctx, path); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// vacuumInto writes the copy through a reader, so that the writer goes on. For
// the time of it the reader is not "query only", which would forbid the copy
// too; the database itself stays opened read-only.
func (db *DB) vacuumInto(ctx context.Context, path string) (err error) {
	conn, err := db.r.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = OFF"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path) // takes an empty file
	_, on := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = ON")
	return errors.Join(err, on)
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
