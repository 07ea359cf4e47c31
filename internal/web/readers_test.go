package web

import (
	"bytes"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// readers is the real list on a real database, with a clock that tests move.
type readers struct {
	*subscribers.Service
	db *sqlite.DB

	mu  sync.Mutex
	now time.Time
}

var _ List = (*subscribers.Service)(nil)
var _ Editions = plainsql.Editions{}

func newReaders(t testing.TB) *readers {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	r := &readers{db: db, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	r.Service = subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: r.clock})
	return r
}

func (r *readers) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *readers) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// active adds a reader who is on the list.
func (r *readers) active(t testing.TB, email string) subscribers.Subscriber {
	t.Helper()
	sub, err := r.Add(t.Context(), subscribers.NewReader{Email: email})
	if err != nil {
		t.Fatalf("add a reader: %v", err)
	}
	return sub
}

// process decides on the sign-ups that wait.
func (r *readers) process(t *testing.T) {
	t.Helper()
	for {
		n, err := r.Process(t.Context())
		if err != nil {
			t.Fatalf("process sign-ups: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// links decides on what waits, sends the mails that are due, and gives the
// confirmations' tokens.
func (r *readers) links(t *testing.T) []string {
	t.Helper()
	var tokens []string
	r.sent(t, func(m outbox.Event) {
		if m.Kind == outbox.KindConfirm {
			token, err := r.db.Outbox().ComposeConfirm(t.Context(), m.Subscriber.ID, r.clock())
			if err != nil {
				t.Fatalf("make a confirmation link: %v", err)
			}
			tokens = append(tokens, token)
		}
	})
	return tokens
}

// events decides on what waits, sends the mails that are due, and gives what
// they were about.
func (r *readers) events(t *testing.T) []outbox.Event {
	t.Helper()
	var all []outbox.Event
	r.sent(t, func(m outbox.Event) { all = append(all, m) })
	return all
}

func (r *readers) sent(t *testing.T, each func(outbox.Event)) {
	t.Helper()
	r.process(t)
	for {
		m, ok, err := r.db.Outbox().Take(t.Context(), r.clock())
		if err != nil {
			t.Fatalf("take a mail: %v", err)
		}
		if !ok {
			return
		}
		each(m)
		if err := r.db.Outbox().Finish(t.Context(), m, r.clock()); err != nil {
			t.Fatalf("finish a mail: %v", err)
		}
	}
}

// link signs an address up and gives the one confirmation link that it got.
func (r *readers) link(t *testing.T, email string) string {
	t.Helper()
	if err := r.SignUp(t.Context(), subscribers.SignUp{Email: email}); err != nil {
		t.Fatalf("sign up: %v", err)
	}
	tokens := r.links(t)
	if len(tokens) != 1 {
		t.Fatalf("got %d confirmation mails, want 1", len(tokens))
	}
	return tokens[0]
}

// standing gives an address's status, and whether it is on the list at all.
func (r *readers) standing(t *testing.T, email string) (subscribers.Status, bool) {
	t.Helper()
	sub, err := r.Get(t.Context(), email)
	if errors.Is(err, subscribers.ErrNotFound) {
		return 0, false
	}
	if err != nil {
		t.Fatalf("look a reader up: %v", err)
	}
	return sub.Status, true
}

func (r *readers) wantStatus(t *testing.T, email string, want subscribers.Status) {
	t.Helper()
	if got, ok := r.standing(t, email); !ok || got != want {
		t.Errorf("%s: got status %d (on the list: %t), want %d", email, got, ok, want)
	}
}

// dump is everything that the list knows, to compare before and after.
func (r *readers) dump(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Export(t.Context(), &b, subscribers.Filter{}); err != nil {
		t.Fatalf("export the list: %v", err)
	}
	return b.String()
}
