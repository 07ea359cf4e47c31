package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// content is a comparison's file.
func content(slug, tagline string) []byte {
	tool := func(name string) string {
		return fmt.Sprintf("  - name: %s\n    tagline: %s\n    category: Developer Tools\n    reviews:\n      - {reviewer: Builder, score: 80, verdict: ship, take: It does one thing.}\n", name, tagline)
	}
	return []byte("slug: " + slug + "\npublished: 2026-11-18\ntools:\n" + tool("Quill") + tool("Inkwell"))
}

// A desk is a folder of comparisons with its shelf.
type desk struct {
	*Shelf
	dir string
	log *lockedBuffer
}

func newDesk(t *testing.T, slugs ...string) *desk {
	t.Helper()
	d := &desk{dir: filepath.Join(t.TempDir(), "comparisons"), log: &lockedBuffer{}}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, slug := range slugs {
		d.write(t, slug, "first")
	}
	d.Shelf = NewShelf(d.dir, slog.New(slog.NewTextHandler(d.log, nil)))
	return d
}

func (d *desk) write(t *testing.T, slug, tagline string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, slug+".yaml"), content(slug, tagline), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// watch follows the folder until the test ends.
func (d *desk) watch(t *testing.T, w *watcher) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { d.Shelf.watch(ctx, w) })
	t.Cleanup(func() { stop(); done.Wait() })
}

// patience is for a busy machine; TestAChangeIsSeenWithinASecond has the promise.
const patience = 2 * time.Minute

// within waits until the snapshot is as wanted.
func (d *desk) within(t *testing.T, most time.Duration, what string, ok func(*Snapshot) bool) {
	t.Helper()
	end := time.After(most)
	for {
		changed := d.Changed()
		if ok(d.Snapshot()) {
			return
		}
		select {
		case <-changed:
		case <-end:
			t.Fatalf("%s: not in the snapshot after %v", what, most)
		}
	}
}

func tagline(slug, want string) func(*Snapshot) bool {
	return func(s *Snapshot) bool {
		c, err := s.Get(slug)
		return err == nil && c.Tools[0].Tagline == want
	}
}

// What the shelf waits for by itself is less than a second: for a notice's folder
// to be quiet, or where no notice comes for the next look.
func TestAChangeIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	if most := lookLeast + settleMost; quietFor > settleMost || most >= time.Second {
		t.Errorf("got up to %v, want less than a second", most)
	}
}

// What changes on disk comes into the snapshot, by notice and by looking alone.
func TestShelfFollows(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*watcher{"notices": {}, "looking": {off: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "a", "b")
			before := d.Snapshot()
			d.watch(t, w)
			d.write(t, "a", "second")
			d.within(t, patience, "a changed file", tagline("a", "second"))
			if got := before.Comparisons[0].Tools[0].Tagline; got != "first" {
				t.Errorf("got %q in the earlier snapshot, want it unchanged", got)
			}
			d.write(t, "c", "first")
			d.within(t, patience, "a new file", tagline("c", "first"))
			sub := filepath.Join(d.dir, "sub")
			if err := os.Mkdir(sub, 0o755); err != nil {
				t.Fatal(err)
			}
			d.rename(t, filepath.Join(d.dir, "c.yaml"), filepath.Join(sub, "c.yaml"))
			d.within(t, patience, "a moved file", func(s *Snapshot) bool {
				c, err := s.Get("c")
				return err == nil && c.File == filepath.Join(sub, "c.yaml")
			})
			if err := os.WriteFile(filepath.Join(sub, "c.yaml"), content("c", "third"), 0o644); err != nil {
				t.Fatal(err)
			}
			d.within(t, patience, "a changed file of a new folder", tagline("c", "third"))
			if err := os.Remove(filepath.Join(d.dir, "b.yaml")); err != nil {
				t.Fatal(err)
			}
			d.within(t, patience, "a removed file", func(s *Snapshot) bool {
				_, err := s.Get("b")
				return errors.Is(err, comparison.ErrNotFound)
			})
		})
	}
}

// A folder that vanishes leaves the last good content, says so, and is followed
// again when it is back; so is another folder under its name.
func TestShelfKeepsTheLastGood(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "a")
	d.watch(t, &watcher{})
	away := d.dir + ".away"
	d.rename(t, d.dir, away)
	d.within(t, patience, "the vanished folder", func(s *Snapshot) bool { return len(s.Problems) == 1 })
	s, err := d.Refresh()
	if err != nil || len(s.Comparisons) != 1 || !strings.Contains(s.Problems[0].Message, "still in use") {
		t.Errorf("got %d comparisons, %v, %v; want the one that was there, and a problem that says so", len(s.Comparisons), s.Problems, err)
	}
	if got := strings.Count(d.log.String(), "cannot be read"); got != 1 {
		t.Errorf("got %d lines in the log about it, want 1:\n%s", got, d.log.String())
	}
	d.rename(t, away, d.dir)
	d.within(t, patience, "the folder that is back", func(s *Snapshot) bool { return len(s.Problems) == 0 })
	d.write(t, "a", "second")
	d.within(t, patience, "a change after that", tagline("a", "second"))

	d.rename(t, d.dir, away)
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d.write(t, "z", "first")
	d.within(t, patience, "another folder of that name", tagline("z", "first"))
	d.write(t, "z", "second")
	d.within(t, patience, "a change in it", tagline("z", "second"))
}

// A file that breaks is left out and named in the log once.
func TestShelfBrokenFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "a", "b")
	if err := os.WriteFile(filepath.Join(d.dir, "a.yaml"), []byte("slug: a\ntools: []\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	first, err := d.Refresh()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := d.Refresh()
	if again != first {
		t.Error("got another snapshot of the same content")
	}
	if _, err := first.Get("a"); err == nil || len(first.Comparisons) != 1 || len(first.Problems) == 0 {
		t.Errorf("got %v and %v, want b alone and a's problem", first.Comparisons, first.Problems)
	}
	if got := d.log.String(); !strings.Contains(got, "a.yaml:2:") || strings.Count(got, "\n") != len(first.Problems) {
		t.Errorf("got the log %q, want each problem once", got)
	}
}

// A folder that never was there is an error, and none once it is.
func TestShelfWithoutFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "later")
	s := NewShelf(dir, slog.New(slog.DiscardHandler))
	if got, err := s.Refresh(); err == nil || len(got.Problems) != 1 {
		t.Errorf("got %v, %v; want an error and a problem", got.Problems, err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Refresh(); err != nil || len(got.Problems) != 0 {
		t.Errorf("got %v, %v; want neither an error nor a problem", got.Problems, err)
	}
}

// While notices come, ten thousand files are looked at no more than a hundredth
// of the time; where none come, a twentieth.
func TestPause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took    time.Duration
		trusted bool
		want    time.Duration
	}{
		{time.Millisecond, true, lookLeast},
		{40 * time.Millisecond, false, 800 * time.Millisecond},
		{40 * time.Millisecond, true, 4 * time.Second},
		{time.Minute, true, lookMost},
	} {
		if got := (&watcher{trusted: c.trusted}).pause(c.took); got != c.want {
			t.Errorf("a reading of %v, trusted %t: got a pause of %v, want %v", c.took, c.trusted, got, c.want)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
