package library

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	err = atomicfile.Write(target, now, info.Mode().Perm())
	if errors.Is(err, fs.ErrPermission) || err != nil && strings.Contains(err.Error(), "read-only file system") {
		return fmt.Errorf("the folder %s cannot be written by this program, so the comparison is not changed: %w", f.Dir, err)
	}
	return err
}
