// Package library owns what is written into the folder of comparisons: by hand
// (comparisons import), and from a JSON Feed (comparisons pull, and serve by
// itself).
//
// The package promises that a comparison is written whole or not at all, under
// its slug, and that nothing that is there is overwritten unless a person asked
// for it: what a feed changes later is reported, and the file stays. Whatever is
// wrong with a feed, the comparisons in it that are right are taken.
package library

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/comparison"
)

// ErrExists says that there is another comparison under that name.
var ErrExists = errors.New("exists and differs")

// A Folder is the folder of comparisons; it need not exist yet.
type Folder struct{ Dir string }

// Path is where a comparison of this slug is written.
func (f Folder) Path(slug string) string { return filepath.Join(f.Dir, slug+".yaml") }

// Write writes a comparison as YAML. It reports false for a file that has this
// very content already, and fails with ErrExists for another content unless
// force is set.
func (f Folder) Write(c comparison.Comparison, force bool) (written bool, err error) {
	out, err := c.EncodeYAML()
	if err != nil {
		return false, err
	}
	if c.Slug == "." || !filepath.IsLocal(c.Slug) || filepath.Base(c.Slug) != c.Slug {
		return false, fmt.Errorf("slug %q can't be a file name", c.Slug)
	}
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return false, fmt.Errorf("comparisons.dir: %w", err)
	}
	path := f.Path(c.Slug)
	err = atomicfile.Create(path, out, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err == nil, f.unwritable(err)
	}
	old, err := os.ReadFile(path)
	switch {
	case err != nil:
		return false, err
	case bytes.Equal(old, out):
		return false, nil
	case !force:
		return false, fmt.Errorf("%s: %w", path, ErrExists)
	}
	err = atomicfile.Write(path, out, 0o644)
	return err == nil, f.unwritable(err)
}
