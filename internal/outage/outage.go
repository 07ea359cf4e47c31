// Package outage keeps a program's log readable while its database is away, busy or
// full, or something else that is tried again and again fails: a dozen loops meet the
// same fault every few seconds, and what an operator needs to read is one line each.
//
// The package promises: the first record of a message about such a fault is passed on
// at once; the same message about the same fault again at most every Every, with how
// many were left out; all other records are passed on as they come.
package outage

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"verdicts.example/digest/internal/store"
)

// Every is how often one message about a fault that lasts is logged.
const Every = 5 * time.Minute

// Patience is how long Start tries again.
const Patience = 2 * time.Minute

const forget = time.Hour // after which what was said is not kept in mind

const pause = 2 * time.Second // between two tries

// Log is log with each message about an outage at most every Every.
func Log(log *slog.Logger) *slog.Logger {
	return slog.New(&handler{Handler: log.Handler(), told: &told{said: map[about]saying{}}})
}

// Start does what a service begins with. While that fails because the database does
// not answer it is tried again, for Patience: a server that starts beside this program,
// or fails over, is back by then. The last error is returned.
func Start(ctx context.Context, log *slog.Logger, start func() error) error {
	return begin(ctx, log, time.Tick(pause), int(Patience/pause), start)
}

func begin(ctx context.Context, log *slog.Logger, tick <-chan time.Time, tries int, start func() error) error {
	for n := range tries {
		err := start()
		if !errors.Is(err, store.ErrAway) {
			return err
		}
		if n == 0 {
			log.Warn("the database does not answer; trying again for a while", "for", Patience.String(), "error", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick:
		}
	}
	return start()
}

// A handler passes on what is not said too often.
type handler struct {
	slog.Handler
	told *told
}

// A Lasting is an error of something that is tried again until it works: a message about
// it is logged as seldom as one about an outage.
type Lasting struct {
	Of  string // what is tried: another's same error is logged for itself
	Err error
}

// Error is Err's.
func (l Lasting) Error() string { return l.Err.Error() }

// Unwrap gives Err.
func (l Lasting) Unwrap() error { return l.Err }

// about is what a record is about.
type about struct{ message, of, fault string }

// A saying is when something was last logged, and how often it was not since.
type saying struct {
	at      time.Time
	leftOut int
}

type told struct {
	mu   sync.Mutex
	said map[about]saying
}

// Handle passes a record on, unless it was said a moment ago.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	of, fault := faultOf(r)
	if fault == "" {
		return h.Handler.Handle(ctx, r)
	}
	leftOut, say := h.told.say(about{r.Message, of, fault}, r.Time)
	if !say {
		return nil
	}
	if leftOut > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("left_out", leftOut))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs gives a handler that knows what was said too.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attrs), h.told}
}

// WithGroup gives a handler that knows what was said too.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.told}
}

// say reports whether it is time to say so, and how many were left out before.
func (t *told) say(a about, at time.Time) (leftOut int, yes bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was, known := t.said[a]
	if known && at.Sub(was.at) < Every {
		was.leftOut++
		t.said[a] = was
		return 0, false
	}
	maps.DeleteFunc(t.said, func(_ about, s saying) bool { return at.Sub(s.at) > forget })
	t.said[a] = saying{at: at}
	return was.leftOut, true
}

// faultOf is the condition of the store that a record tells of, or else what lasts and
// with which error; "": neither.
func faultOf(r slog.Record) (of, fault string) {
	r.Attrs(func(a slog.Attr) bool {
		err, _ := a.Value.Any().(error)
		if l, ok := errors.AsType[Lasting](err); ok {
			of, fault = l.Of, l.Error()
		}
		for _, f := range []error{store.ErrAway, store.ErrDisk, store.ErrBusy} {
			if errors.Is(err, f) {
				of, fault = "", f.Error()
			}
		}
		return fault == ""
	})
	return of, fault
}
