package library

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"verdicts.example/digest/internal/comparison"
)

// maxLogged bounds the problems that one change writes to the log.
const maxLogged = 20

// A Snapshot is the library as it was at one instant. Nothing in it changes.
type Snapshot struct {
	Version uint64 // another one is another content
	comparison.Library
	bySlug map[string]int
}

// NewSnapshot makes a snapshot of a library that does not change any more.
func NewSnapshot(version uint64, lib comparison.Library) *Snapshot {
	s := &Snapshot{Version: version, Library: lib, bySlug: make(map[string]int, len(lib.Comparisons))}
	for i, c := range lib.Comparisons {
		s.bySlug[c.Slug] = i
	}
	return s
}

// Get finds a comparison by its slug; the error is comparison.ErrNotFound.
func (s *Snapshot) Get(slug string) (comparison.Comparison, error) {
	if i, ok := s.bySlug[slug]; ok {
		return s.Comparisons[i], nil
	}
	return comparison.Comparison{}, fmt.Errorf("%q: %w", slug, comparison.ErrNotFound)
}

// A Shelf holds the folder of comparisons, parsed. Whoever reads gets a snapshot
// and parses nothing. A folder that breaks or vanishes leaves the last good
// snapshot, with a Problem that says so. It is safe for concurrent use.
type Shelf struct {
	dir string
	log *slog.Logger

	mu     sync.Mutex // one reads the folder at a time
	loader *comparison.Loader
	good   comparison.Library   // as of the last reading that succeeded
	known  bool                 // there was one
	broken error                // of the last reading
	shown  comparison.Library   // what was published last, without the feed
	feed   []comparison.Problem // what the feed has and the folder has not, because it breaks a rule

	now atomic.Pointer[shelved]
}

// shelved is a snapshot and the channel that its successor closes.
type shelved struct {
	snapshot *Snapshot
	changed  chan struct{}
}

// NewShelf reads the folder for the first time. One that cannot be read is an
// empty snapshot with a Problem; Refresh tells why.
func NewShelf(dir string, log *slog.Logger) *Shelf {
	s := &Shelf{dir: dir, log: log, loader: comparison.NewLoader(dir)}
	s.now.Store(&shelved{NewSnapshot(0, comparison.Library{}), make(chan struct{})})
	_, _ = s.Refresh()
	return s
}

// Snapshot gives the library as it was last read, at once.
func (s *Shelf) Snapshot() *Snapshot { return s.now.Load().snapshot }

// Changed gives a channel that is closed when there is a snapshot newer than
// the one of now. Ask for it before Snapshot, so that no change is missed.
func (s *Shelf) Changed() <-chan struct{} { return s.now.Load().changed }

// Refresh reads what has changed on disk since the last reading. The error is
// for a folder that could not be read and never was.
func (s *Shelf) Refresh() (*Snapshot, error) {
	_, err := s.refresh()
	return s.Snapshot(), err
}

func (s *Shelf) refresh() (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lib, changed, err := s.loader.Load()
	if err != nil {
		return s.keepLastGood(err)
	}
	if s.broken != nil && s.known {
		s.log.Info("the comparisons folder can be read again", "dir", s.dir)
	}
	if changed = changed || s.broken != nil; changed {
		s.good, s.known, s.broken = lib, true, nil
		s.publish(lib)
	}
	return changed, nil
}

// keepLastGood keeps the last good content and says so, once for each error.
func (s *Shelf) keepLastGood(err error) (changed bool, _ error) {
	if changed = s.broken == nil || s.broken.Error() != err.Error(); changed {
		s.broken = err
		lib := s.good
		kept := ""
		if s.known {
			kept = "; the comparisons that were read before are still in use"
		}
		s.log.Warn("the comparisons folder cannot be read"+kept, "dir", s.dir, "error", err)
		lib.Problems = append(slices.Clone(lib.Problems), comparison.Problem{File: s.dir, Message: err.Error() + kept})
		s.publish(lib)
	}
	if s.known {
		return changed, nil
	}
	return changed, err
}

// NoteFeed makes what is wrong with a feed's comparisons part of the snapshots,
// until the next note: who reads them is to know what is missing.
func (s *Shelf) NoteFeed(problems []comparison.Problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Equal(s.feed, problems) {
		return
	}
	s.feed = problems
	s.publish(s.shown)
}

// publish makes the library the next snapshot.
func (s *Shelf) publish(lib comparison.Library) {
	old := s.now.Load()
	s.logProblems(old.snapshot.Problems, lib.Problems)
	s.shown = lib
	lib.Problems = slices.Concat(lib.Problems, s.feed)
	s.now.Store(&shelved{NewSnapshot(old.snapshot.Version+1, lib), make(chan struct{})})
	close(old.changed)
}

// logProblems logs what is newly wrong.
func (s *Shelf) logProblems(before, now []comparison.Problem) {
	said := make(map[comparison.Problem]bool, len(before))
	for _, p := range before {
		said[p] = true
	}
	logged := 0
	for _, p := range now {
		if said[p] || p.File == s.dir {
			continue
		}
		if logged++; logged > maxLogged {
			s.log.Warn("more comparisons break a rule than are named here")
			return
		}
		s.log.Warn("a comparison breaks a rule and is left out", "problem", p.String())
	}
}

// Folder is the folder on disk, to write into.
func (s *Shelf) Folder() Folder { return Folder{Dir: s.dir} }

// folders are what a watcher watches.
func (s *Shelf) folders() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loader.Folders()
}
