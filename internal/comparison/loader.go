package comparison

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// settleFor is how long a file is read anew although its size and its times are
// the same: two writes within one tick of the file system's clock differ in
// nothing else.
const settleFor = 2 * time.Second

// A Loader reads one folder again and again, and parses only the files that
// changed since. It is for one goroutine.
type Loader struct {
	dir  string
	fsys fs.FS
	seed maphash.Seed

	read    []*parsed // in the order of their names, as of the last Load
	folders []string
}

// NewLoader makes a loader that has read nothing yet.
func NewLoader(dir string) *Loader { return newLoader(os.DirFS(dir), dir) }

func newLoader(fsys fs.FS, dir string) *Loader {
	return &Loader{dir: dir, fsys: fsys, seed: maphash.MakeSeed()}
}

// parsed is what one file, or an unreadable folder, came to.
type parsed struct {
	name     string // in the file system
	info     fs.FileInfo
	since    time.Time // when info and sum were first seen
	settled  bool      // the same info means the same content
	sum      uint64
	c        Comparison
	problems []Problem
}

// Folders are the folder and those below it that the last Load looked into.
func (l *Loader) Folders() []string { return l.folders }

// Load reads every .yaml, .yml and .json file that is not hidden, in the order
// of their names, and reports whether anything differs from the last Load. Of
// several files with one slug the first counts. After an error the next Load
// still knows what was read before.
func (l *Loader) Load() (lib Library, changed bool, err error) {
	known := make(map[string]*parsed, len(l.read))
	for _, p := range l.read {
		known[p.name] = p
	}
	var read []*parsed
	folders := []string{}
	err = fs.WalkDir(l.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			read = append(read, l.unreadable(known[name], name, err))
		case name != "." && isHidden(name) && d.IsDir():
			return fs.SkipDir
		case d.IsDir():
			folders = append(folders, l.shown(name))
		case !isHidden(name) && isContent(name):
			read = append(read, l.file(known[name], name, d))
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return Library{}, false, noFolder(l.dir)
	}
	if err != nil {
		return Library{}, false, fmt.Errorf("read comparisons: %w", err)
	}
	changed = l.folders == nil || !slices.Equal(l.read, read)
	l.read, l.folders = read, folders
	return library(read), changed, nil
}

// noFolder is a folder of comparisons that is not there: fs.ErrNotExist, in words.
type noFolder string

func (f noFolder) Error() string {
	return fmt.Sprintf("the folder %s is not there; make it, or name another as comparisons.dir", string(f))
}

func (f noFolder) Unwrap() error { return fs.ErrNotExist }

func (l *Loader) shown(name string) string {
	return filepath.Join(l.dir, filepath.FromSlash(name))
}

// file gives what was read before where the file is still the same.
func (l *Loader) file(known *parsed, name string, d fs.DirEntry) *parsed {
	info, err := d.Info()
	if err == nil && !info.Mode().IsRegular() { // a symbolic link: the file that it leads to
		info, err = fs.Stat(l.fsys, name)
	}
	if err != nil {
		return l.unreadable(known, name, err)
	}
	same := known != nil && known.info != nil && sameInfo(known.info, info)
	if same && known.settled {
		return known
	}
	now := time.Now()
	src, err := readFile(l.fsys, name)
	if err != nil {
		return l.unreadable(known, name, err)
	}
	sum := maphash.Bytes(l.seed, src)
	if known != nil && known.info != nil && known.sum == sum {
		if !same {
			known.info, known.since = info, now
		}
		known.settled = now.Sub(known.since) >= settleFor
		return known
	}
	p := &parsed{name: name, info: info, since: now, sum: sum}
	p.c, p.problems = Parse(l.shown(name), src)
	return p
}

func sameInfo(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode() && os.SameFile(a, b)
}

// unreadable is a problem in place of a file; it is looked at again each time.
func (l *Loader) unreadable(known *parsed, name string, err error) *parsed {
	problem := Problem{File: l.shown(name), Message: "cannot be read: " + reason(err)}
	if known != nil && known.info == nil && known.problems[0] == problem {
		return known
	}
	return &parsed{name: name, problems: []Problem{problem}}
}

// library puts together what the files came to.
func library(read []*parsed) Library {
	var lib Library
	bySlug := map[string]string{}
	for _, p := range read {
		problems := p.problems
		if other, twice := bySlug[p.c.Slug]; twice && p.c.Slug != "" {
			problems = append(slices.Clone(problems), Problem{p.c.File, p.c.Line("slug"), "slug",
				fmt.Sprintf("slug: %s is taken by %s; give one of them another", p.c.Slug, other)})
		}
		if len(problems) > 0 {
			lib.Problems = append(lib.Problems, problems...)
			lib.Broken = append(lib.Broken, p.broken(bySlug))
			continue
		}
		bySlug[p.c.Slug] = p.c.File
		lib.Comparisons = append(lib.Comparisons, p.c)
	}
	slices.SortFunc(lib.Comparisons, newestFirst)
	return lib
}
