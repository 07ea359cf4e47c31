package assembly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/sqlite"
)

// Keep has Close keep the database that this maker began: the command did what it
// was asked for.
func (m *Maker) Keep() { m.keep = true }

// beginDatabase makes a database under another name. It gets its own when the maker
// is closed and Keep was called. Else it is gone, and so are the folders that were
// made for it and are still empty: a command in a wrong folder leaves nothing there.
func (m *Maker) beginDatabase(ctx context.Context) (*Database, error) {
	if err := m.mayBegin(); err != nil {
		return nil, err
	}
	folder := filepath.Dir(m.in.Database)
	made := missing(folder, m.in.Journals)
	if box := m.in.Relay.Mailbox; box != "" {
		made = append(made, missing(filepath.Join(box, "tmp"), filepath.Join(box, "new"))...)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	dir, err := os.MkdirTemp(folder, ".new-*")
	if err != nil {
		return nil, fmt.Errorf("open database: a folder in %s: %w", folder, errors.Unwrap(err)) // whose name says nothing
	}
	path := filepath.Join(dir, "digest.db")
	m.closing("new database", func() error { return m.endDatabase(path, made) }) // after the database, which is opened later
	db, err := sqlite.OpenNew(ctx, path, m.in.Database)
	if err != nil {
		return nil, err
	}
	return overSQLite(path, db), nil
}

// endDatabase gives a new database its name, or takes away what was made for it.
func (m *Maker) endDatabase(path string, made []string) error {
	defer func() {
		_ = os.RemoveAll(filepath.Dir(path)) // what is left of it is of no use and does no harm
		for i := len(made) - 1; i >= 0 && !m.keep; i-- {
			_ = os.Remove(made[i]) // an empty one only
		}
	}()
	if !m.keep {
		return nil
	}
	err := os.Link(path, m.in.Database)
	if errors.Is(err, fs.ErrExist) && leftover(m.in.Database) {
		return os.Rename(path, m.in.Database)
	}
	if _, there := os.Stat(m.in.Database); err != nil && os.IsNotExist(there) { // a file system without hard links
		return os.Rename(path, m.in.Database)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", m.in.Database, store.ErrMeanwhile)
	}
	return err
}

// leftover reports whether a database's file is one that a start left that was cut
// off a while ago: empty, and nobody is at work on it.
func leftover(path string) bool {
	info, err := os.Stat(path)
	_, wal := os.Stat(path + "-wal")
	return err == nil && info.Mode().IsRegular() && info.Size() == 0 && errors.Is(wal, fs.ErrNotExist) && time.Since(info.ModTime()) > time.Minute
}

// missing gives those of the folders that are not there, and of those above them,
// each after the one that it is in.
func missing(folders ...string) (list []string) {
	for _, dir := range folders {
		var up []string
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(dir); err == nil {
				break
			}
			up = append(up, dir)
		}
		slices.Reverse(up)
		list = append(list, up...)
	}
	return list
}
