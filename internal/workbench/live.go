package workbench

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"verdicts.example/digest/internal/library"
)

// live tells open pages that something has changed.
type live struct {
	shelf   *library.Shelf
	watched []string
	log     *slog.Logger

	mu      sync.Mutex
	also    chan struct{} // has a word when other paths are watched
	changed chan struct{} // closed at the next change
	ended   chan struct{}
}

func newLive(shelf *library.Shelf, watched []string, log *slog.Logger) *live {
	return &live{shelf: shelf, watched: watched, log: log, also: make(chan struct{}, 1), changed: make(chan struct{}), ended: make(chan struct{})}
}

// next is closed at the next change.
func (l *live) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

func (l *live) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
}

// watch watches these paths too.
func (l *live) watch(paths []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watched = paths
	select {
	case l.also <- struct{}{}:
	default: // one waits already
	}
}

func (l *live) paths() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watched
}

// settle is how long after a notice the files are looked at: an editor writes
// one in several steps.
const settle = 60 * time.Millisecond

// run tells of changes to the comparisons and to the watched files.
func (l *live) run(ctx context.Context) {
	defer close(l.ended)
	notices := make(chan struct{}, 1)
	if w, err := fsnotify.NewWatcher(); err == nil {
		defer w.Close()
		l.follow(w)
		go l.notice(ctx, w, notices)
	} else {
		l.log.Warn("changes to templates do not show by themselves", "error", err)
	}
	for {
		comparisons := l.shelf.Changed()
		select {
		case <-ctx.Done():
			return
		case <-comparisons:
		case <-notices:
			time.Sleep(settle)
			select {
			case <-notices:
			default:
			}
		}
		l.tell()
	}
}

// follow watches folders, with those below them, and the folders of files: an
// editor puts a new file in a file's place.
func (l *live) follow(w *fsnotify.Watcher) {
	for _, path := range l.paths() {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			_ = w.Add(filepath.Dir(path)) // one that is not there has nothing to show
			continue
		}
		followBelow(w, path)
	}
}

// followBelow watches a folder with those below it.
func followBelow(w *fsnotify.Watcher, path string) {
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = w.Add(p)
		}
		return nil
	})
}

func (l *live) notice(ctx context.Context, w *fsnotify.Watcher, notices chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.also:
			l.follow(w)
		case _, ok := <-w.Errors:
			if !ok {
				return
			}
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod || !l.concerns(e.Name) {
				continue
			}
			if e.Has(fsnotify.Create) { // a folder that is new has templates soon
				followBelow(w, e.Name)
			}
			select {
			case notices <- struct{}{}:
			default:
			}
		}
	}
}

// concerns reports whether a change of a file is one of what is watched: the folder
// of a file may have others, the database among them, that change all the time. A
// folder named ..data is a whole set of files put in place at once, as Kubernetes
// does with those of a ConfigMap.
func (l *live) concerns(name string) bool {
	name = filepath.Clean(name)
	for _, path := range l.paths() {
		path = filepath.Clean(path)
		if name == path || strings.HasPrefix(name, path+string(filepath.Separator)) || name == filepath.Join(filepath.Dir(path), "..data") {
			return true
		}
	}
	return false
}

// alive is how often a page that waits hears that the server is there.
const alive = 20 * time.Second

// events tells a page of changes (HTML, section 9.2, server-sent events).
func (s *server) events(w http.ResponseWriter, r *http.Request) error {
	rc := http.NewResponseController(w)
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("keep the connection: %w", err)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	send := func(text string) bool {
		_, err := fmt.Fprint(w, text)
		return err == nil && rc.Flush() == nil
	}
	changed := s.live.next()
	for ok := send("retry: 1000\n\n"); ok; {
		select {
		case <-r.Context().Done():
			return nil
		case <-s.live.ended:
			return nil
		case <-changed:
			changed = s.live.next()
			ok = send("event: change\ndata: 1\n\n")
		case <-time.After(alive):
			ok = send(": alive\n\n")
		}
	}
	return nil
}
