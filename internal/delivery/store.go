package delivery

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/saved"
)

// A Store keeps deliveries; one value serves all editions. It is the sum of what
// its users ask of it: a run recovers and reads the timetable, a proof reads the
// records, an operator's word settles, a restored backup is laid against the
// journals. Each of them is handed its part.
type Store interface {
	Recoverer
	Records
	Reasons
	Restorer
	Settler
	Timetable
	Canaries
	RelayStands
}

// A Recoverer gives a sender its edition.
type Recoverer interface {
	// Recover puts in order what earlier senders of s's edition left (see
	// State.TakenOver), and gives s the edition's queue. It fails with
	// ErrLeaseLost when s does not hold the lease.
	Recover(ctx context.Context, s Sender, at time.Time) (Queue, Recovered, error)
}

// A Queue is one edition's deliveries as one sender works them off; it knows
// how far that sender has looked through the list. One goroutine at a time
// claims. Every method fails with ErrLeaseLost when the sender's lease is
// another's.
type Queue interface {
	// Claim takes the next deliveries into the sender's hand; who may not be
	// mailed any more becomes suppressed instead.
	Claim(ctx context.Context, c Claim) (Claims, error)
	// Record commits outcomes and intents in one durable transaction. It fails
	// with store.ErrBusy, and has done nothing then, when another process writes for
	// long.
	Record(ctx context.Context, g *Group) (GroupResult, error)
	// Release queues again what is claimed. With deferUntil set it defers both
	// claimed and queued to then, at no attempt.
	Release(ctx context.Context, deferUntil time.Time) error
	// Finish marks the edition sent when nothing of it is open, and suppresses
	// the readers whose mailboxes are believed to be gone.
	Finish(ctx context.Context, at time.Time) (finished bool, err error)
}

// Leases let one sender an edition work at a time.
type Leases interface {
	// Acquire gives the lease's next epoch. It fails with ErrLocked while
	// another's lease runs, unless that sender is on the same host and
	// sameHostDead says it cannot be alive.
	Acquire(ctx context.Context, l Lease, sameHostDead bool, at time.Time) (Sender, error)
	// Renew fails with ErrLeaseLost when another sender has taken over.
	Renew(ctx context.Context, s Sender, until time.Time) error
	Release(ctx context.Context, s Sender) error
}

// A Lease is the right to send an edition, until a time.
type Lease struct {
	Edition int64
	Node    string // the sender's name among the nodes of one database
	Host    string // which kernel the sender runs under
	Holder  string // for people: "pid 4711 on mail1"
	Until   time.Time
}

// A Sender holds, or held, an edition's lease. The epoch grows by one each time
// that the lease is taken: what an earlier one has in hand is not its own any
// more.
type Sender struct {
	Edition int64
	Node    string
	Epoch   int64
}

// Records reads how a send stands.
type Records interface {
	// Info fails with ErrNotFound before the freeze.
	Info(ctx context.Context, edition int64) (SendInfo, error)
	Tallies
	// List gives deliveries of a state in the order of subscribers.
	List(ctx context.Context, edition int64, state State, after int64, limit int) ([]Delivery, error)
	// VisitDotted calls fn for every delivery whose end was written or is being
	// written, in the order of subscribers.
	VisitDotted(ctx context.Context, edition int64, fn func(id int64, state State, dots int) error) error
}

// Tallies are how many deliveries of an edition are in which state.
type Tallies interface {
	Counts(ctx context.Context, edition int64) (Counts, error)
	// Domains gives at most limit domains, those with the most recipients.
	Domains(ctx context.Context, edition int64, limit int) ([]DomainCounts, error)
	// Relays counts what was tried by relay, in the order of their names.
	Relays(ctx context.Context, edition int64) ([]RelayCounts, error)
}

// A Settler settles deliveries by an operator's word.
type Settler interface {
	// Resolve settles deliveries, and gives how many. An edition that was sent
	// and has some to send again is then being sent, and one that was cancelled
	// cannot be (ErrCancelled). It is safe while a sender works: that never
	// touches what is unknown or failed.
	Resolve(ctx context.Context, edition int64, as Resolution, at time.Time) (int64, error)
	// Reconcile marks those of j's readers whose delivery is not final as unknown and
	// takes over its sequence. It gives how many, and fails with ErrServerMoved, having
	// done nothing, when the database is on another server than j was compared with.
	Reconcile(ctx context.Context, edition int64, j JournalAccount, at time.Time) (int64, error)
	// Cancel suppresses what was not sent of a cancelled edition.
	Cancel(ctx context.Context, edition int64, at time.Time) (int64, error)
}

// A JournalAccount is what a node's journal says that the database may not know.
type JournalAccount struct {
	Node    string
	Readers []int64
	Seq     uint64         // its last record; 0: not to the end yet
	Server  journal.Server // that the database's account was read from; see SendInfo
}

// Reasons reads why readers did not get an edition.
type Reasons interface {
	// Refusals groups what is failed, deferred, unknown or put back by fault and
	// reply code, the most frequent first.
	Refusals(ctx context.Context, edition int64) ([]Refusal, error)
}

// MostRefusals is how many kinds of refusals of an edition are told apart.
const MostRefusals = 100

// A Refusal is what servers said to several readers.
type Refusal struct {
	State State
	Fault Fault
	Count int64
	Reply string // one of them, without addresses
}

// A Resolution is what an operator knows of deliveries.
type Resolution int

// The resolutions.
const (
	ResolveSent  Resolution = iota // the unknown ones arrived
	ResolveRetry                   // the unknown ones did not
	ResendFailed                   // the failed ones of which none is known to be the reader's fault (Returnable) are to be sent again
)

// May is nil when deliveries of an edition in this state may be resolved so: else
// ErrCancelled.
func (r Resolution) May(s edition.State) error {
	if r != ResolveSent && s == edition.Cancelled {
		return fmt.Errorf("%w: nobody would send it again", ErrCancelled)
	}
	return nil
}

// A Timetable says what is due when.
type Timetable interface {
	// SentOnDay is how many messages' ends were intended on a day, over all
	// editions; see Warmup.
	SentOnDay(ctx context.Context, day int64) (int64, error)
	// ReserveDay gives s what of a day is neither sent nor another sender's, at most
	// r.More, in place of what s had reserved: what is intended on a day is reserved
	// before, so that all senders together never exceed it. What a sender has reserved
	// is given back with its lease. It fails with ErrLeaseLost when that is another's.
	ReserveDay(ctx context.Context, s Sender, r DayRequest) (granted int64, err error)
	// NextDeferred is when the earliest deferred delivery is due; zero when
	// there is none.
	NextDeferred(ctx context.Context, edition int64) (time.Time, error)
}

// Notices keeps what people are to be told about sends: that one is paused, for
// a reason of the sender's own, or that every delivery is final. A notice is
// written in the transaction that it tells of, so that a crash loses none.
type Notices interface {
	Pending(ctx context.Context) ([]Notice, error)
	Drop(ctx context.Context, id int64) error
}

// A Notice is one thing to tell.
type Notice struct {
	ID      int64 // never given twice
	Edition int64
	Week    string
	Paused  string // why the send is paused
	Alarm   Alarm  // a refusal that only the operators can do something about; neither: the send has ended
	At      time.Time
}

// Recovered is what earlier senders had left.
type Recovered struct {
	Requeued int64 // were claimed
	Unknown  int64 // were dotting
}

// A Claim asks for deliveries.
type Claim struct {
	Limit int
	Skip  []string  // domains to leave where they are
	Due   time.Time // set: deferred ones due by then come before queued ones
	Only  []int64   // set: of the queued ones only these readers; see Canary
	At    time.Time
}

// Claims is an answer to a Claim.
type Claims struct {
	Recipients []Recipient
	From       State // what they were: Queued, or Deferred
	Suppressed int64 // how many of From were left out for good
	More       bool  // deliveries are queued that were not reached, or were skipped
}

// A Group is what several connections' workers have to record at once.
type Group struct {
	At         time.Time
	LeaseUntil time.Time // the lease is renewed to then
	Seq        uint64    // the sequence number in the sender's journal, recorded if any intent is
	Day        int64     // intents count to this day, see Warmup
	Outcomes   []Outcome
	Intents    []Intent
	Undone     []int64 // intents of an earlier group whose message was not ended: queued again while the lease is held
	Pause      Pause   // set: the edition is paused first
	Alarms     []Alarm // what the operators are to be told at once
}

// Withdrawn gives the intents that do not hold while the edition is being sent: their
// readers left.
func (g *Group) Withdrawn(held []int64) (left []int64) {
	if len(held) == len(g.Intents) {
		return nil
	}
	holds := make(map[int64]bool, len(held))
	for _, id := range held {
		holds[id] = true
	}
	for _, in := range g.Intents {
		if !holds[in.ID] {
			left = append(left, in.ID)
		}
	}
	return left
}

// An Intent says that a reader's message is about to be ended, and at which relay: of
// one whose answer is lost, that is where to look.
type Intent struct {
	ID    int64 // the subscriber's
	Relay string
}

// Intended are the subscribers of the group's intents.
func (g *Group) Intended() []int64 {
	ids := make([]int64, len(g.Intents))
	for i, in := range g.Intents {
		ids[i] = in.ID
	}
	return ids
}

// An Alarm tells the operators of a refusal that only they can do something about.
type Alarm struct {
	Key   string // of refusal.Row: they are told once an edition and key
	Reply string // a server's, without addresses
}

// A Pause is why a sender pauses an edition.
type Pause struct {
	Reason  string
	Breaker bool // the circuit breaker's: no rejection is believed
}

// A GroupResult says which intents hold. When Gate is set, none does.
type GroupResult struct {
	Gate      error   // ErrPaused, ErrCancelled or ErrNotSending, with the reason
	Withdrawn []int64 // intents whose reader left: the message must not be ended
}

// SendInfo is an edition's send as recorded.
type SendInfo struct {
	Edition     int64
	Week        string
	State       string // the edition's
	PauseReason string
	Recipients  int64
	Duplicates  int64
	Journals    []NodeJournal // by node; those that have a record
	StartedAt   time.Time
	FinishedAt  time.Time // zero while something is open
	CompactedAt time.Time // zero while every delivery is there
	Database    [8]byte   // tells databases apart; see journal.Header
	Canary      CanaryStand
	Stopped     bool // the circuit breaker has paused it: no rejection is believed
	Several     bool // several hosts may send from this database, each with its own journals
	// NotCompared are the nodes whose journals were not compared with the database
	// since it came to be on another server.
	NotCompared []string
	Server      journal.Server // that this was read from, where several hosts may send
}

// A NodeJournal is how far the database knows a node's journal.
type NodeJournal struct {
	Node string
	Seq  uint64 // the last record that the database has committed
}

// Seq is how far the database knows node's journal.
func (s SendInfo) Seq(node string) uint64 {
	for _, j := range s.Journals {
		if j.Node == node {
			return j.Seq
		}
	}
	return 0
}

// A Delivery is one recipient's record.
type Delivery struct {
	ID          int64
	Email       string // "" when the subscriber was erased
	State       State
	Attempts    int
	Dots        int
	NextAttempt time.Time
	At          time.Time
	Node        string // the sender's that had it last
	Epoch       int64  // of that sender; 0 before the first
	Relay       string // that it was tried through last; "" before that
	Fault       Fault
	Reply       string
}

// RelayCounts are what came of an edition's deliveries that were tried through one
// relay last. Relay is "" for those of before it was recorded.
type RelayCounts struct {
	Relay  string
	Counts Counts
}

// DomainCounts are the counts of one recipient domain.
type DomainCounts struct {
	Domain string
	Counts Counts
}

// A Freezer freezes an edition's bytes and recipients in one transaction.
type Freezer interface {
	// Freeze sets the edition sending. A second freeze changes nothing and says
	// so: the send goes on with the first one's bytes. It fails with ErrNobody
	// when no subscriber may be mailed, with ErrTopics when somebody has topics that
	// f does not know, and with the errors of package edition when the edition may
	// not be sent.
	Freeze(ctx context.Context, f Freeze) (Frozen, error)
	// Topics counts who would be in a freeze at a time, by their topics as they are
	// kept; "" is all topics.
	Topics(ctx context.Context, at time.Time) (map[string]int64, error)
}

// A Freeze is what is frozen.
type Freeze struct {
	Edition          int64
	Hash             string // of the build that Message was made from
	Message          []byte // the frozen message
	Sender           edition.Sender
	ApprovalRequired bool // see edition.Edition.Released
	// Cuts are the edition as readers of some topics get it, numbered from 1 on.
	Cuts []edition.Variant
	// Topics says which variant readers of which topics get, by the topics as they
	// are kept (subscribers.JoinCategories): 0 is the whole edition, NoMail none. nil:
	// everybody gets the whole.
	Topics map[string]int
	// Corrects is the edition that this one corrects: only those get it who have that
	// in a version that was amended since. 0: everybody.
	Corrects int64
	// Lines tell of changes in saved comparisons, each to who was told of the state
	// before last.
	Lines []saved.Line
	At    time.Time
}

// NoMail is for readers of whose topics an edition has nothing.
const NoMail = edition.NoPart
