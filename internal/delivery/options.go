package delivery

import (
	"log/slog"
	"time"

	"verdicts.example/digest/internal/journal"
)

// A Composer makes each reader's message.
type Composer interface {
	// Writer returns a Writer for one worker.
	Writer() Writer
}

// A Writer makes one message after another.
type Writer interface {
	// Compose makes the complete message for r and its envelope; both are valid
	// until the next call. The same reader gets the same bytes: a retry keeps its
	// Message-ID. An error fails this delivery only.
	Compose(r *Recipient) (Message, Envelope, error)
}

// A Ledger is where sends are kept: the database's records and, beside them,
// this node's journals.
type Ledger struct {
	Store    Store
	Leases   Leases
	Journals *journal.Folder
	Node     string // this sender's name among several on one database; "" where it is the only one
}

// Options is what Run needs. The Ledger, Dialer, Composer and Log are required.
type Options struct {
	Ledger
	Edition  int64
	Dialer   Dialer
	Composer Composer
	Pacing   Pacing
	// Quotas divide the limits of Pacing among the runs that share them, and Share
	// the connections of this process; nil: this run has them alone.
	Quotas Quotas
	Share  *Share
	// Relays says how the servers behind Dialer stand; nil where there is one.
	Relays Relays
	Log    *slog.Logger
	// Stay keeps Run going until every delivery is final: it waits for deferred
	// ones and for the next day of a warm-up. Without it Run ends when each is
	// final or deferred.
	Stay bool
	// Limit ends the run after that many messages were begun; 0 is no limit.
	Limit int64
	// Progress follows the run; nil when nobody looks.
	Progress *Progress

	// Holder names this process to people whom its lease keeps out.
	Holder string
	// LeaseFor is how long a sender that cannot be reached keeps others out; 0
	// is 30 seconds.
	LeaseFor time.Duration
	// Grace is how long what is in flight may take after the context has ended;
	// 0 is 10 seconds. The sessions' contexts end then; a message whose end was
	// written and whose reply does not come is unknown.
	Grace time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

const (
	defaultLease = 30 * time.Second
	defaultGrace = 10 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.LeaseFor <= 0 {
		o.LeaseFor = defaultLease
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Share == nil {
		o.Share = NewShare(o.Pacing, o.Relays, o.Now)
	}
	if o.Quotas == nil {
		o.Quotas = NewQuotas(o.Now)
	}
	if o.Progress == nil {
		o.Progress = &Progress{}
	}
	return o
}

// A Summary is what a run came to.
type Summary struct {
	Counts    Counts    // of the edition, at the run's end
	Recovered Recovered // what a crashed sender had left
	Finished  bool      // every delivery is final: the edition is sent
	ResumeAt  time.Time // when there is more to do: a retry is due, a new day begins; zero otherwise
	Took      time.Duration
	WaitOver  bool // another sender is at work, and goes on with those who waited for the first part
}
