package library

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"verdicts.example/digest/internal/atomicfile"
)

// ErrChanged says that a file is not what whoever writes it has seen.
var ErrChanged = errors.New("the file has changed meanwhile")

// Replace writes a file of the folder anew, whole or not at all, if it still has
// the content that the writer has seen; else it fails with ErrChanged. A symbolic
// link keeps leading where it leads.
func (f Folder) Replace(path string, was, now []byte) error {
	rel, err := filepath.Rel(f.Dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s is not in %s", path, f.Dir)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	current, err := os.ReadFile(target)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(current, was):
		return fmt.Errorf("%s: %w; look at it again and make your change there", path, ErrChanged)
	case bytes.Equal(current, now):
		return nil
	}
	return f.unwritable(atomicfile.Write(target, now, info.Mode().Perm()))
}

// unwritable says what an error means that comes of the folder's rights, or of a
// file system that is mounted read-only.
func (f Folder) unwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("this program cannot write into the folder %s, so nothing was saved; have its rights changed, or put the file there another way: %w", f.Dir, err)
	}
	return err
}
