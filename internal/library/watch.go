package library

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A change is noticed by the system's notice (inotify and the like), and where
// none comes (network drives, some containers' mounts) by looking: each time at
// every file's size and times, no more often than costs a lookShare-th of one
// core, or a trustShare-th while notices are known to come.
const (
	lookLeast  = 500 * time.Millisecond
	lookMost   = 30 * time.Second
	lookShare  = 20
	trustShare = 100
)

// After a notice the folder is read when nothing more has come for quietFor, but
// not later than settleMost: an editor writes a file in several steps.
const (
	quietFor   = 50 * time.Millisecond
	settleMost = 300 * time.Millisecond
)

// Run keeps the snapshot up to date until ctx ends. A changed file is in the
// snapshot within a second.
func (s *Shelf) Run(ctx context.Context) {
	s.watch(ctx, &watcher{})
}

func (s *Shelf) watch(ctx context.Context, w *watcher) {
	defer w.close()
	noticed := false
	for {
		began := time.Now()
		changed, _ := s.refresh() // a folder that cannot be read was logged
		took := time.Since(began)
		if changed {
			w.trusted = noticed
		}
		w.follow(s.folders())
		timer := time.NewTimer(w.pause(took))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			noticed = false
		case <-w.events():
			timer.Stop()
			noticed = true
			w.quiet(ctx)
		case <-w.errors(): // more notices than the system kept
			timer.Stop()
			noticed = true
		}
	}
}

// A watcher gets the system's notices of what changes in some folders.
type watcher struct {
	off     bool // only looking is left
	notify  *fsnotify.Watcher
	trusted bool // the last change was noticed, not found by looking
	folders []folder
}

// folder is one that is watched: another one may get its name.
type folder struct {
	path string
	info os.FileInfo
}

func (f folder) same(g folder) bool { return f.path == g.path && os.SameFile(f.info, g.info) }

// follow watches these folders and no others.
func (w *watcher) follow(paths []string) {
	if w.off {
		return
	}
	var now []folder
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			now = append(now, folder{p, info})
		}
	}
	if w.notify != nil && slices.EqualFunc(w.folders, now, folder.same) {
		return
	}
	w.close()
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return
	}
	w.notify, w.folders, w.trusted = notify, now, true
	for _, f := range now {
		if notify.Add(f.path) != nil { // vanished, or more than the system allows: looking finds it
			w.trusted = false
		}
	}
}

// events is nil, which never comes, where there are no notices.
func (w *watcher) events() <-chan fsnotify.Event {
	if w.notify == nil {
		return nil
	}
	return w.notify.Events
}

func (w *watcher) errors() <-chan error {
	if w.notify == nil {
		return nil
	}
	return w.notify.Errors
}

// quiet waits until nothing more comes.
func (w *watcher) quiet(ctx context.Context) {
	most := time.After(settleMost)
	for {
		select {
		case <-w.events():
		case <-time.After(quietFor):
			return
		case <-most:
			return
		case <-ctx.Done():
			return
		}
	}
}

// pause is how long after a reading that took so long to look again.
func (w *watcher) pause(took time.Duration) time.Duration {
	share := time.Duration(lookShare)
	if w.trusted {
		share = trustShare
	}
	return min(max(took*share, lookLeast), lookMost)
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close()
		w.notify, w.folders = nil, nil
	}
}
