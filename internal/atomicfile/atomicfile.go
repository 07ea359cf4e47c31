// Package atomicfile writes files whole or not at all.
//
// The package promises that a crash, a full disk or another process never leaves
// half a file under the name, and that whoever reads sees the old content or the
// new.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes or replaces path, with the permissions mode whatever the umask is.
func Write(path string, data []byte, mode os.FileMode) error {
	return write(path, data, mode, os.Rename)
}

// Create makes path, and fails with an error that is fs.ErrExist when it is
// there already: of two that create at once, one does.
func Create(path string, data []byte, mode os.FileMode) error {
	return write(path, data, mode, link)
}

// link gives a complete file its name if nothing has that name. Where the file
// system has no hard links it looks first, which leaves a moment between.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	switch _, err := os.Lstat(to); {
	case err == nil:
		return fs.ErrExist
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return os.Rename(from, to)
}

func write(path string, data []byte, mode os.FileMode, place func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = place(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// SyncDir makes what was named in a folder last: a file that is synced has its
// content for good, and its name when its folder is synced, too.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Spool copies what can be read once to a temporary file, at whose start it is. The
// file has no name: it is gone when it is closed, however the process ends.
func Spool(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "spool-*")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name()) // the open file stays readable
	if err == nil {
		_, err = io.Copy(f, r)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
