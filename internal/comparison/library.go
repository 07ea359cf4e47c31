package comparison

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"verdicts.example/digest/internal/spelling"
)

// A Library is what a folder holds: the comparisons that keep every rule, and
// what is wrong with the others.
type Library struct {
	Comparisons []Comparison // newest first, then by slug; slugs are unique
	Problems    []Problem    // by file and line
	Broken      []Broken     // the files with problems, as far as they can be read
}

// Get finds a comparison by its slug; the error is ErrNotFound.
func (l Library) Get(slug string) (Comparison, error) {
	for _, c := range l.Comparisons {
		if c.Slug == slug {
			return c, nil
		}
	}
	return Comparison{}, fmt.Errorf("%s: %w", spelling.Clip(slug), ErrNotFound)
}

// LoadFS reads the comparisons of a file system, such as the built-in ones.
func LoadFS(fsys fs.FS) (Library, error) {
	lib, _, err := newLoader(fsys, "").Load()
	return lib, err
}

// readFile reads at most one byte more than a comparison may have. It opens
// regular files only: reading a named pipe would wait for ever.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+int64(len(utf8BOM))+1))
}

// reason is an error without the path, which the problem names already.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

func isHidden(name string) bool { return strings.HasPrefix(path.Base(name), ".") }

func isContent(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// newestFirst orders by date, then slug. Dates without a time count as UTC
// here; what is new to a list is decided in the list's own time zone.
func newestFirst(a, b Comparison) int {
	return cmp.Or(b.Published.In(time.UTC).Compare(a.Published.In(time.UTC)), strings.Compare(a.Slug, b.Slug))
}
