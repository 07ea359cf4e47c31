package web

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/votes"
)

// The editions are asked for anew after editionsFor, and after editionsShare
// times as long as asking took.
const (
	editionsFor   = 200 * time.Millisecond
	editionsShare = 20
)

// maxKept bounds the pages that are kept, in bytes. When they are more, all are
// made anew.
const maxKept = 32 << 20

// shown is what the site shows for as long as nothing changes, with the pages
// that were made of it.
type shown struct {
	library   *library.Snapshot
	published []edition.Edition // sent or being sent, newest first
	tallies   votes.Tallies     // of readers' votes
	next      time.Time         // when the next digest goes out; zero: not known
	until     time.Time         // then a comparison is published, or the next digest is due; zero: never
	asked     atomic.Pointer[asked]

	topicsOnce sync.Once
	topicList  []string

	mu    sync.Mutex
	pages map[string]*keptPage
	bytes int
}

// asked is when the editions were asked for, and for how long that is new enough.
type asked struct {
	at    time.Time
	keep  time.Duration
	votes uint64 // how many votes were cast here before
}

// A keptPage is made by the first who asks for it while the others wait.
type keptPage struct {
	mu     sync.Mutex
	answer *page.Answer
}

// shown gives what the site shows now.
func (s *server) shown(ctx context.Context) (*shown, error) {
	snapshot, now := s.Library(), s.Now()
	if v := s.current.Load(); v != nil && v.holds(snapshot, now) && s.isNew(v, now) {
		return v, nil
	}
	s.renewing.Lock()
	defer s.renewing.Unlock()
	old, cast := s.current.Load(), s.cast.Load()
	if old != nil && old.holds(snapshot, now) && s.isNew(old, now) {
		return old, nil
	}
	all, err := s.Editions.List(ctx)
	if err != nil {
		return nil, err
	}
	published := publishedOf(edition.Weekly(all))
	tallies := votes.Tallies{}
	if s.Votes != nil {
		if tallies, err = s.Votes.Tallies(ctx); err != nil {
			return nil, err
		}
	}
	a := &asked{at: now, keep: max(editionsFor, editionsShare*s.Now().Sub(now)), votes: cast}
	next := s.next(all)
	if old != nil && old.holds(snapshot, now) && old.next.Equal(next) && reflect.DeepEqual(old.published, published) && maps.Equal(old.tallies, tallies) {
		old.asked.Store(a)
		return old, nil
	}
	v := &shown{library: snapshot, published: published, tallies: tallies, next: next, pages: make(map[string]*keptPage)}
	v.asked.Store(a)
	v.until = s.untilOf(v, now)
	s.current.Store(v)
	return v, nil
}

// holds reports whether the content is still this.
func (v *shown) holds(snapshot *library.Snapshot, now time.Time) bool {
	return v.library == snapshot && (v.until.IsZero() || now.Before(v.until))
}

// isNew reports whether the editions were asked for lately, and the tallies after
// the latest vote that was cast here. A clock that was set back counts as long ago.
func (s *server) isNew(v *shown, now time.Time) bool {
	a := v.asked.Load()
	return a.votes == s.cast.Load() && !now.Before(a.at) && now.Sub(a.at) < a.keep
}

// publishedOf are the editions that everybody may read, newest first.
func publishedOf(all []edition.Edition) []edition.Edition {
	var out []edition.Edition
	for _, e := range slices.Backward(all) {
		if e.State == edition.Sent || e.State == edition.Sending {
			out = append(out, e)
		}
	}
	return out
}

func (s *server) untilOf(v *shown, now time.Time) time.Time {
	until := v.next
	for _, c := range v.library.Comparisons {
		if at := c.Published.In(s.Site.Location); at.After(now) && (until.IsZero() || at.Before(until)) {
			until = at
		}
	}
	return until
}

// isPublished reports whether everybody may read the comparison by now.
func (s *server) isPublished(c comparison.Comparison) bool {
	return !c.Published.In(s.Site.Location).After(s.Now())
}

// next is when the next digest goes out, zero when that is not known.
func (s *server) next(all []edition.Edition) time.Time {
	if s.NextSend == nil {
		return time.Time{}
	}
	t := edition.NextOpen(s.NextSend, s.Now(), all)
	if t.IsZero() {
		return t
	}
	return t.In(s.Site.Location)
}

// page gives the page that is kept under a key, made if there is none.
func (v *shown) page(key string, render func() (*page.Answer, error)) (*page.Answer, error) {
	v.mu.Lock()
	k := v.pages[key]
	if k == nil {
		k = &keptPage{}
		v.pages[key] = k
	}
	v.mu.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answer != nil {
		return k.answer, nil
	}
	a, err := render()
	if err != nil {
		return nil, err
	}
	k.answer = a
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bytes += len(a.Body); v.bytes > maxKept {
		v.pages, v.bytes = map[string]*keptPage{key: k}, len(a.Body)
	}
	return a, nil
}

// A view finds what a route shows: under which key the page is kept, and how it
// is made when it is not.
type view func(r *http.Request, now *shown) (key string, render recipe, err error)

type recipe func(context.Context) (*page.Answer, error)

// kept is a route whose answer is the same for everybody.
func (s *server) kept(find view) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		now, err := s.shown(r.Context())
		if err != nil {
			return err
		}
		key, render, err := find(r, now)
		if err != nil {
			return err
		}
		a, err := now.page(key, func() (*page.Answer, error) {
			// Others wait for it: it goes on when the first one leaves.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), renderFor)
			defer cancel()
			return render(ctx)
		})
		if err != nil {
			return err
		}
		a.ServeHTTP(w, r)
		return nil
	}
}

// renderFor bounds what the making of a page waits for the database.
const renderFor = 10 * time.Second
