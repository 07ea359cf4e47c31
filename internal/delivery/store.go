package delivery

import (
	"context"
	"time"
)

// A Queue is one edition's deliveries as a sender works them off. Every method
// that changes something fails with ErrLeaseLost when owner does not hold the
// lease.
type Queue interface {
	// RecoverDeliveries puts in order what a crashed sender left: claimed is
	// queued again, dotting is unknown.
	RecoverDeliveries(ctx context.Context, edition int64, owner string, at time.Time) (Recovered, error)
	// ClaimDeliveries takes the next deliveries into the sender's hand; who may
	// not be mailed any more becomes suppressed instead.
	ClaimDeliveries(ctx context.Context, q ClaimQuery) (Claims, error)
	// RecordDeliveries commits outcomes and intents in one durable transaction.
	// It fails with ErrBusy, and has done nothing then, when another process
	// writes for long.
	RecordDeliveries(ctx context.Context, g *Group) (GroupResult, error)
	// ReleaseDeliveries queues again what is claimed. With deferUntil set it
	// defers both claimed and queued to then, at no attempt.
	ReleaseDeliveries(ctx context.Context, edition int64, owner string, deferUntil time.Time) error
	// FinishSend marks the edition sent when nothing of it is open.
	FinishSend(ctx context.Context, edition int64, owner string, at time.Time) (finished bool, err error)
}

// Leases let one sender work at a time.
type Leases interface {
	// AcquireLease fails with ErrLocked while another owner's lease runs, unless
	// that owner is on the same host and sameHostDead says it cannot be alive.
	AcquireLease(ctx context.Context, l Lease, sameHostDead bool, at time.Time) error
	// RenewLease fails with ErrLeaseLost when another owner has taken over.
	RenewLease(ctx context.Context, owner string, until time.Time) error
	ReleaseLease(ctx context.Context, owner string) error
}

// A Lease is the right to send, until a time.
type Lease struct {
	Owner  string // random
	Host   string // which kernel the owner runs under
	Holder string // for people: "pid 4711 on mail1"
	Until  time.Time
}

// Records tells how a send stands.
type Records interface {
	SendInfo(ctx context.Context, edition int64) (SendInfo, error)
	DeliveryCounts(ctx context.Context, edition int64) (Counts, error)
	// DeliveryDomains gives the limit domains with the most recipients.
	DeliveryDomains(ctx context.Context, edition int64, limit int) ([]DomainCounts, error)
	// DeliveriesIn lists deliveries of a state in the order of subscribers.
	DeliveriesIn(ctx context.Context, edition int64, state State, after int64, limit int) ([]Delivery, error)
	// VisitDotted calls fn for every delivery whose end was written or is being
	// written, in the order of subscribers.
	VisitDotted(ctx context.Context, edition int64, fn func(id int64, state State, dots int) error) error
}

// A Store is what a sender needs of the database.
type Store interface {
	Queue
	Leases
	Records
	Settler
	Timetable
	Announcer
}

// An Announcer keeps what people are to be told of sends: that one rests, for a
// reason of the sender's own, or that every delivery is final. A notice comes
// with the transaction that it tells of, so that a crash loses none.
type Announcer interface {
	SendNotices(ctx context.Context) ([]Notice, error)
	DropSendNotice(ctx context.Context, id int64) error
}

// A Notice is one thing to tell.
type Notice struct {
	ID      int64 // never given twice
	Edition int64
	Week    string
	Paused  string // why the send rests; "": it has ended
	At      time.Time
}

// A Settler settles deliveries of unknown outcome.
type Settler interface {
	// ResolveDeliveries turns unknown into accepted or, with retry, into queued;
	// an edition that was sent is then being sent again, and one that was
	// cancelled cannot be (ErrCancelled). It is safe while a
	// sender works: that never touches what is unknown.
	ResolveDeliveries(ctx context.Context, edition int64, retry bool, at time.Time) (int64, error)
	// ReconcileDeliveries marks those of ids whose delivery is not final as
	// unknown and sets the journal's sequence to seq.
	ReconcileDeliveries(ctx context.Context, edition int64, ids []int64, seq uint64, at time.Time) (int64, error)
	// CancelDeliveries suppresses what was not sent of a cancelled edition.
	CancelDeliveries(ctx context.Context, edition int64, at time.Time) (int64, error)
}

// A Timetable says what is due when.
type Timetable interface {
	// SentOnDay is how many messages' ends were intended on a day, over all
	// editions; see Warmup.
	SentOnDay(ctx context.Context, day int64) (int64, error)
	// NextDeferred is when the earliest deferred delivery is due; zero when
	// there is none.
	NextDeferred(ctx context.Context, edition int64) (time.Time, error)
}

// Recovered is what a crashed sender had left.
type Recovered struct {
	Requeued int64 // were claimed
	Unknown  int64 // were dotting
}

// A ClaimQuery asks for deliveries.
type ClaimQuery struct {
	Edition int64
	Owner   string
	After   int64     // queued: only subscribers with a greater id
	Due     time.Time // set: deferred ones due by then, in place of queued ones
	Limit   int
	Skip    []string // domains to leave where they are
	At      time.Time
}

// Claims is an answer to a ClaimQuery.
type Claims struct {
	Recipients []Recipient
	Last       int64 // the cursor for the next query
	End        bool  // nothing is left after Last
	Skipped    int64 // the first subscriber that was left because of Skip; 0 for none
	Suppressed int64 // how many were left out for good
}

// A Group is what several connections' workers have to record at once.
type Group struct {
	Edition    int64
	Owner      string
	At         time.Time
	LeaseUntil time.Time // the lease is renewed to then
	Seq        uint64    // the journal's sequence number, recorded if any intent is
	Day        int64     // intents count to this day, see Warmup
	Outcomes   []Outcome
	Intents    []int64 // subscribers
	Undone     []int64 // intents of an earlier group whose message was not ended: queued again while owner holds the lease
	Pause      string  // set: the edition is paused for this reason first
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
	JournalSeq  uint64
	StartedAt   time.Time
	FinishedAt  time.Time // zero while something is open
	CompactedAt time.Time // zero while every delivery is there
	Database    [8]byte   // tells databases apart; see journal.Header
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
	Reply       string
}

// DomainCounts are the counts of one recipient domain.
type DomainCounts struct {
	Domain string
	Counts Counts
}

// A Freezer fixes an edition's bytes and recipients in one transaction.
type Freezer interface {
	// FreezeDeliveries sets the edition sending. A second freeze changes
	// nothing and says so: the send goes on with the first one's bytes. It
	// fails with ErrNobody when no subscriber may be mailed, and with the
	// errors of package edition when the edition may not be sent.
	FreezeDeliveries(ctx context.Context, f Freeze) (Frozen, error)
}

// A Freeze is what is fixed.
type Freeze struct {
	Edition          int64
	Hash             string // of the build that Message was made from
	Message          []byte // the frozen message
	ApprovalRequired bool   // see edition.Edition.Released
	At               time.Time
}
