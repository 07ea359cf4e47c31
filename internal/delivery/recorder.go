package delivery

import (
	"context"
	"sync"
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
	Settle(void []int64) error
}

var _ Journal = (*journal.Log)(nil)

// A groupStore commits what a recorder has gathered.
type groupStore interface {
	Record(ctx context.Context, g *Group) (GroupResult, error)
}

// A recorder commits the outcomes and intents of all workers in groups: what
// arrives while one commit runs shares the next. A group is committed in the
// database and noted in the journal at the same time; its intents are answered when
// it is in both.
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

	mu       sync.Mutex
	busy     int // workers whose next intent will come by itself
	group    *Group
	waiters  []*intent
	flushers []chan struct{}
	failed   error
	longest  time.Duration // an intent waits for others

	lost    []*Group // their commit failed
	full    chan struct{}
	late    *time.Timer // outcomes or intents have waited for others long enough
	quit    chan struct{}
	records chan journal.Record
	noted   chan error // of the last record
	running sync.WaitGroup
}

// An intent is one worker's wish to end a message; each worker has one.
type intent struct {
	Intent
	again  bool // its message was ended before, and refused
	answer chan error
}

func (r *recorder) start(ctx context.Context) {
	r.group = &Group{}
	r.longest = gatherMost
	r.late = time.NewTimer(outcomeDelay)
	r.full = make(chan struct{}, 1)
	r.quit = make(chan struct{})
	r.records, r.noted = make(chan journal.Record), make(chan error)
	r.running.Go(func() { r.commitAll(ctx) })
	r.running.Go(r.journalAll)
}

// stop commits what is left and ends; every worker must have ended.
func (r *recorder) stop() error {
	close(r.quit)
	r.running.Wait()
	return r.failure()
}

// begin says that a worker's next intent will come by itself, end that it will not.
func (r *recorder) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy++
}

func (r *recorder) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	r.tellEnough()
}

// record queues an outcome. Its commit is shared with the next intent; a crash
// before that leaves the delivery dotting, thus unknown.
func (r *recorder) record(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.group.Outcomes) == 0 && len(r.waiters) == 0 {
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
	r.tellEnough()
}

// alarm has the next commit note what the operators are to be told.
func (r *recorder) alarm(a Alarm) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.group.Alarms = append(r.group.Alarms, a)
}

// submit asks for an intent; its answer comes when it is durable, or cannot be.
func (r *recorder) submit(in *intent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		in.answer <- r.failed
		return
	}
	if len(r.waiters) == 0 {
		r.late.Reset(r.longest)
	}
	r.waiters = append(r.waiters, in)
	r.tellEnough()
}

// flush waits until every outcome so far is committed, or cannot be.
func (r *recorder) flush() {
	done := make(chan struct{})
	r.mu.Lock()
	r.flushers = append(r.flushers, done)
	r.tellEnough()
	r.mu.Unlock()
	<-done
}

// enough reports whether a commit need wait for no more: every busy worker waits,
// or so many that the others had better go on sending meanwhile, or somebody waits
// for what there is. Called with mu held.
func (r *recorder) enough() bool {
	n := len(r.waiters)
	return n > 0 && n >= min(r.busy, gatherEnough) || len(r.flushers) > 0 || r.group.Pause.Reason != "" || r.failed != nil
}

// tellEnough has the commit begin when it need not wait. Called with mu held.
func (r *recorder) tellEnough() {
	if !r.enough() {
		return
	}
	select {
	case r.full <- struct{}{}:
	default:
	}
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// failIntents makes every further intent fail.
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
