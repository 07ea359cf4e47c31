package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/journal"
)

// A queueStub commits everything but the first so many groups.
type queueStub struct {
	mu     sync.Mutex
	groups []Group
	fails  int
}

var errDisk = errors.New("disk I/O error")

func (q *queueStub) Record(_ context.Context, g *Group) (GroupResult, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fails > 0 {
		q.fails--
		return GroupResult{}, errDisk
	}
	q.groups = append(q.groups, *g)
	return GroupResult{}, nil
}

// A journalStub fails when told so.
type journalStub struct {
	err     error
	records []journal.Record
}

func (j *journalStub) Last() uint64 { return 0 }

func (j *journalStub) Append(r journal.Record) error {
	j.records = append(j.records, r)
	return j.err
}

func (j *journalStub) Settle(void []int64) error { return nil }

func recorderOf(q groupStore, j Journal, now func() time.Time) (*recorder, *error) {
	var ended error
	renew := func(context.Context, time.Time) error { return nil }
	return &recorder{store: q, journal: j, renew: renew, now: now, ttl: time.Minute, closed: func(err error) { ended = err }}, &ended
}

// A commit that the journal does not get lets no message end, and is undone.
func TestJournalFailure(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	q := &queueStub{}
	r, ended := recorderOf(q, &journalStub{err: full}, time.Now)
	r.start(t.Context())
	in := &intent{Intent: Intent{ID: 1}, answer: make(chan error, 1)}
	for range 2 {
		if err := intend(r, in); !errors.Is(err, full) {
			t.Errorf("got %v, want the journal's error", err)
		}
	}
	if err := r.stop(); !errors.Is(err, full) || !errors.Is(*ended, full) {
		t.Errorf("got %v, run ended by %v, want the journal's error", err, *ended)
	}
	if last := q.groups[len(q.groups)-1]; !slices.Equal(last.Undone, []int64{1}) || len(last.Intents) != 0 {
		t.Errorf("got %+v at last, want the intent of 1 undone", last)
	}
}

// What servers have answered is tried again when the disk did not take it; an
// intent that it did not take never holds.
func TestCommitFailure(t *testing.T) {
	t.Parallel()
	q := &queueStub{}
	r, ended := recorderOf(q, &journalStub{}, time.Now)
	r.start(t.Context())
	in := &intent{Intent: Intent{ID: 1}, answer: make(chan error, 1)}
	if err := intend(r, in); err != nil {
		t.Fatal(err)
	}
	q.mu.Lock()
	q.fails = 1
	q.mu.Unlock()
	r.record(Outcome{ID: 1, State: Accepted, Dotted: true})
	for in.ID = 2; in.ID < 4; in.ID++ {
		if err := intend(r, in); !errors.Is(err, errDisk) {
			t.Errorf("intent of %d: got %v, want the disk's error", in.ID, err)
		}
	}
	r.record(Outcome{ID: 7, State: Accepted, Dotted: true})
	if err := r.stop(); !errors.Is(err, errDisk) || !errors.Is(*ended, errDisk) {
		t.Errorf("got %v, run ended by %v, want the disk's error", err, *ended)
	}
	var recorded, intended []int64
	for _, g := range q.groups {
		for _, o := range g.Outcomes {
			recorded = append(recorded, o.ID)
		}
		intended = append(intended, g.Intended()...)
	}
	if !slices.Equal(recorded, []int64{7, 1}) || !slices.Equal(intended, []int64{1}) {
		t.Errorf("got outcomes of %v and intents of %v, want those of 7 and 1, and the intent of 1", recorded, intended)
	}
}

// A machine that slept through its lease, between commit and end, sends nothing.
func TestSleptThroughTheLease(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	clock := time.Now()
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(40 * time.Second) // each look at the clock
		return clock
	}
	q := &queueStub{}
	r, _ := recorderOf(q, &journalStub{}, now)
	r.ttl = 30 * time.Second
	r.start(t.Context())
	if err := intend(r, &intent{Intent: Intent{ID: 1}, answer: make(chan error, 1)}); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got %v, want ErrLeaseLost", err)
	}
	if err := r.stop(); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("stop: got %v, want ErrLeaseLost", err)
	}
	if last := q.groups[len(q.groups)-1]; !slices.Equal(last.Undone, []int64{1}) {
		t.Errorf("got %+v at last, want the intent of 1 undone", last)
	}
}

// An outcome shares its commit with the connection's next intent, so that a
// crash leaves one delivery a connection at most.
func TestOutcomeSharesTheNextIntentsCommit(t *testing.T) {
	t.Parallel()
	q := &queueStub{}
	r, _ := recorderOf(q, &journalStub{}, time.Now)
	r.start(t.Context())
	in := &intent{answer: make(chan error, 1)}
	const n = 50
	for id := int64(1); id <= n; id++ {
		in.ID = id
		if err := intend(r, in); err != nil {
			t.Fatal(err)
		}
		r.record(Outcome{ID: id, State: Accepted, Dotted: true})
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	open := map[int64]bool{}
	for _, g := range q.groups {
		for _, o := range g.Outcomes {
			delete(open, o.ID)
		}
		for _, id := range g.Intended() {
			open[id] = true
		}
		if len(open) > 1 {
			t.Fatalf("got %d deliveries open after a commit, want 1", len(open))
		}
	}
	if len(open) != 0 {
		t.Errorf("got %v open at the end, want none", open)
	}
}

// intend waits until the intent is durable.
func intend(r *recorder, in *intent) error {
	r.submit(in)
	return <-in.answer
}
