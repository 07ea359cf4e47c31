package subscribers

import (
	"context"
	"iter"
	"time"
)

// A List keeps the list. Each method is one transaction, durable when it
// returns.
type List interface {
	Readers
	Changes
	Importer
	Batches
	Preferences
	FreshLinks
	// Suppressions streams every suppression: first of those who are on the list,
	// then the others. It ends at the first error.
	Suppressions(ctx context.Context) iter.Seq2[SuppressedAddress, error]
}

// SignUps keeps what waits for a decision or a confirmation. Each method is one
// transaction, durable when it returns.
type SignUps interface {
	Wordings
	// Queue adds one row, whatever is known about the address. It fails
	// with ErrLimited when limit sign-ups are waiting.
	Queue(ctx context.Context, s QueuedSignUp, limit int) error
	// Decide takes up to limit sign-ups off the queue, oldest first, and has the
	// gate that begin makes decide on each. Where a mail is due now, it makes a new
	// address pending, queues the confirmation mail and records the event; for a
	// wish to leave, it queues the mail with the link. It keeps those who are held,
	// mails those whom the gate releases, forgets those held for too long, and keeps
	// what the gate counted and which surges go on. It returns how many it took off
	// the queue. Where nothing waits and no surge goes on, it asks for no gate unless
	// always says so; begin may be called again, when the transaction has to be.
	Decide(ctx context.Context, b Batch, begin func(Traffic) *Gate) (int, error)
	// SurgeState tells whether a surge goes on, and how many wait.
	SurgeState(ctx context.Context, at time.Time) (SurgeState, error)
	Confirmations
}

// Confirmations are the links that were mailed to who signed up.
type Confirmations interface {
	// Confirmation finds a link by the SHA-256 of its token, or ErrNotFound.
	Confirmation(ctx context.Context, hash [32]byte) (Confirmation, error)
	// Confirm uses a link for which Confirmation.Check is nil: the
	// subscriber becomes active with the link's details, every link of theirs is
	// used, an erasure's record is removed, the limits start again, and a welcome
	// mail is queued. When Check fails, it changes nothing and returns the
	// subscriber with Check's error.
	Confirm(ctx context.Context, hash [32]byte, at time.Time) (Subscriber, error)
	// Decline does what Subscriber.Decline says: the links of their sign-ups are
	// used, waiting confirmations withdrawn, and the mailbox's hash is kept with the
	// time. It fails with ErrNotFound and like Subscriber.Decline.
	Decline(ctx context.Context, id int64, at time.Time) error
}

// A Batch is how much of the queue is decided on at once.
type Batch struct {
	Limit  int
	At     time.Time
	Always bool // there is something to count, whether or not anybody waits
}

// A SurgeState is how a surge stands.
type SurgeState struct {
	Surges           []Surge // none: there is none
	Held             int     // sign-ups
	Asked, Confirmed int     // in the last hour, in all
}

// Domains are those of a surge; none, when it is of all.
func (s SurgeState) Domains() (domains []string) {
	for _, u := range s.Surges {
		if u.Domain == "" {
			return nil
		}
		domains = append(domains, u.Domain)
	}
	return domains
}

// Wordings keeps the texts that readers agree to, each once.
type Wordings interface {
	KeepWording(ctx context.Context, version, text string, at time.Time) error
	WordingText(ctx context.Context, version string) (string, error) // ErrNotFound
}

// Readers reads the list. Who was erased is in none of the answers.
type Readers interface {
	ByKey(ctx context.Context, key string) (Subscriber, error) // ErrNotFound
	ByToken(ctx context.Context, t Token) (Subscriber, error)  // ErrNotFound
	// List streams in the order of addition; it ends at the first error.
	List(ctx context.Context, f Filter) iter.Seq2[Subscriber, error]
	Count(ctx context.Context) (Counts, error)
	Events(ctx context.Context, id int64) ([]Event, error) // oldest first
}

// Changes are the acts on one address. Each that makes it unmailable also, in
// its transaction, takes the reader's undelivered mails out of running editions
// and the outbox and voids their confirmation links.
type Changes interface {
	// Add adds an active subscriber, or makes a pending one active. It
	// fails with ErrExists, ErrLeft or ErrSuppressed.
	Add(ctx context.Context, a Address, d Details, at time.Time) (Subscriber, error)
	// Leave unsubscribes; repeated, it keeps the first time. With
	// goodbye it queues the goodbye mail for who was active.
	Leave(ctx context.Context, id int64, via string, goodbye bool, at time.Time) (Subscriber, error)
	Suppress(ctx context.Context, a Address, s Suppression) error
	// Lift fails with ErrNotFound when there is none to lift; an
	// erasure is none.
	Lift(ctx context.Context, a Address, note string, at time.Time) error
	// Erase removes everything about the person but the address's hash in
	// the suppressions; it reports whether they were on the list. A suppression
	// for another reason stays.
	Erase(ctx context.Context, a Address, at time.Time) (bool, error)
}
