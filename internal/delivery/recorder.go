package delivery

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/journal"
)

const (
	outcomeDelay = 25 * time.Millisecond // how long an outcome waits for an intent to share its commit
	gatherMost   = 2 * time.Millisecond  // how long an intent waits for others
	gatherEnough = 64                    // intents that wait for no more
)

// A Journal is where a sender notes whose message may be ended; see package
// journal.
type Journal interface {
	Last() uint64
	Append(r journal.Record) error
}

var _ Journal = (*journal.Log)(nil)

// A groupStore commits what a recorder has gathered.
type groupStore interface {
	Record(ctx context.Context, g *Group) (GroupResult, error)
}

// A recorder commits the outcomes and intents of all workers in groups: what
// arrives while one commit runs shares the next. An intent is answered when its
// group is in the database and then in the journal; the two overlap for
// successive groups.
type recorder struct {
	store   groupStore
	journal Journal
	renew   func(ctx context.Context, until time.Time) error // the lease
	now     func() time.Time
	ttl     time.Duration // of the lease
	warmup  Warmup
	seq     uint64 // of the last record in the journal
	// closed is told once why no further intent will hold.
	closed func(error)

	busy atomic.Int32 // workers whose next intent will come by itself

	mu       sync.Mutex
	group    *Group
	waiters  []*intent
	flushers []chan struct{}
	failed   error

	lost    []*Group // their commit failed
	wake    chan struct{}
	late    *time.Timer // outcomes have waited for an intent long enough
	quit    chan struct{}
	groups  chan committed
	running sync.WaitGroup
}

// An intent is one worker's wish to end a message; each worker has one.
type intent struct {
	id     int64
	again  bool // its message was ended before, and refused
	answer chan error
}

// A committed group waits for the journal.
type committed struct {
	record  journal.Record
	waiters []*intent
	until   time.Time // when the lease ends
}

func (r *recorder) start(ctx context.Context) {
	r.group = &Group{}
	r.late = time.NewTimer(outcomeDelay)
	r.wake = make(chan struct{}, 1)
	r.quit = make(chan struct{})
	r.groups = make(chan committed, 1)
	r.running.Go(func() { r.commitAll(ctx) })
	r.running.Go(r.journalAll)
}

// stop commits what is left and ends; every worker must have ended.
func (r *recorder) stop() error {
	close(r.quit)
	r.running.Wait()
	return r.failure()
}

// record queues an outcome. Its commit is shared with the next intent; a crash
// before that leaves the delivery dotting, thus unknown.
func (r *recorder) record(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.group.Outcomes) == 0 {
		r.late.Reset(outcomeDelay)
	}
	r.group.Outcomes = append(r.group.Outcomes, o)
}

// pause has the next commit pause the edition.
func (r *recorder) pause(p Pause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.group.Pause.Reason == "" {
		r.group.Pause = p
	}
	r.nudge()
}

// begin and end say that a worker sends: its next intent comes by itself.
func (r *recorder) begin() { r.busy.Add(1) }
func (r *recorder) end()   { r.busy.Add(-1) }

// submit asks for an intent; its answer comes when it is durable, or cannot be.
func (r *recorder) submit(in *intent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		in.answer <- r.failed
		return
	}
	r.waiters = append(r.waiters, in)
	r.nudge()
}

// flush waits until every outcome so far is committed, or cannot be.
func (r *recorder) flush() {
	done := make(chan struct{})
	r.mu.Lock()
	r.flushers = append(r.flushers, done)
	r.nudge()
	r.mu.Unlock()
	<-done
}

func (r *recorder) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// failIntents makes every further intent failIntents.
func (r *recorder) failIntents(err error) {
	r.mu.Lock()
	first := r.failed == nil
	if first {
		r.failed = err
	}
	r.mu.Unlock()
	if first {
		r.closed(err)
	}
}
