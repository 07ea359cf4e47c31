package inbound

import (
	"context"
	"crypto/sha256"
	"time"

	"verdicts.example/digest/subscribers"
)

// An Outcome is what was done with a mail. The words are stored and counted.
type Outcome string

// The outcomes.
const (
	OutcomeRecorded   Outcome = "recorded"   // it is about a delivery, and changes nobody's standing
	OutcomeSuppressed Outcome = "suppressed" // its reader gets no more mail
	OutcomeExpired    Outcome = "expired"    // the sign-up that it answers goes no further
	OutcomeLeft       Outcome = "left"       // its reader asked to leave, and did
	OutcomeAgain      Outcome = "again"      // the same mail came before
	OutcomeKept       Outcome = "kept"       // it proves nothing, or cannot be read: somebody should look
	OutcomeForeign    Outcome = "foreign"    // none of ours
)

// A Finding is what a mail says of one delivery.
type Finding struct {
	Week       string
	Subscriber int64
	Notice     bool // it is about a mail that is no digest, such as a confirmation; Week is when it left
	Kind       Kind
	Class      subscribers.BounceClass
	Status     string
	Reply      string // with addresses
	Reason     string
	Alarm      []string // whom to tell, once an edition, that the operator must fix something
	Mail       [sha256.Size]byte
	At         time.Time
}

// An Effect is what a finding changed.
type Effect struct {
	Known      bool // there is such a delivery, or was before it was compacted
	Again      bool // the same mail was recorded before
	Settled    bool // the delivery's outcome was unknown; it is accepted now
	Expired    bool // a sign-up that waits for its confirmation; its links work no more
	Suppressed subscribers.Reason
}

// Outcome is what was done with the mail of a finding about a known delivery.
func (e Effect) Outcome() Outcome {
	switch {
	case e.Again:
		return OutcomeAgain
	case e.Expired:
		return OutcomeExpired
	case e.Suppressed != subscribers.NotSuppressed:
		return OutcomeSuppressed
	}
	return OutcomeRecorded
}

// A Kept is a mail that somebody should look at.
type Kept struct {
	Mail [sha256.Size]byte
	Kind Kind
	Why  string
	At   time.Time
	Size int
	Raw  []byte // its beginning
}

// What is kept: the newest, and their beginnings.
const (
	KeptMails   = 200
	KeptBytes   = 64 << 10
	KeptReports = 400 // DMARC
)

// A Store records what came back. Each method is one transaction.
type Store interface {
	// Record records a finding, settles its delivery if its outcome was unknown,
	// suppresses the reader where subscribers.SuppressionFor says so of all records,
	// and counts the mail. What it says of a notice is judged by
	// subscribers.AfterNotice.
	Record(ctx context.Context, f Finding) (Effect, error)
	// Keep keeps a mail, drops the oldest above KeptMails, and counts it.
	Keep(ctx context.Context, k Kept) error
	// RecordDMARC keeps an aggregate report; one that came before is replaced.
	RecordDMARC(ctx context.Context, d DMARC, at time.Time) error
	// Count counts a mail that is neither recorded nor kept.
	Count(ctx context.Context, kind Kind, o Outcome, at time.Time) error
	// SentTo gives the newest delivery to an address that was sent before then;
	// ok is false for none.
	SentTo(ctx context.Context, address string, before time.Time) (d Delivery, ok bool, err error)
}

// A Settler settles deliveries of unknown outcome.
type Settler interface {
	// Unknown gives those of every edition.
	Unknown(ctx context.Context) (map[Delivery]bool, error)
	// Settle makes those that are unknown accepted, and those that a database which
	// has forgotten them has queued, and gives how many there were.
	Settle(ctx context.Context, list []Logged, at time.Time) (int64, error)
}

// A Shelf shows what was recorded.
type Shelf interface {
	// Tallies counts the mails since then, the most first.
	Tallies(ctx context.Context, since time.Time) ([]Tally, error)
	// Kept gives the mails that somebody should look at, the newest first.
	Kept(ctx context.Context) ([]Kept, error)
	// DMARC gives the latest aggregate reports, the newest first.
	DMARC(ctx context.Context) ([]DMARC, error)
}

// A Tagger tells deliveries, notices and unsubscribe addresses by tags that only
// this list can have made; message.Tagger does.
type Tagger interface {
	ParseVERP(address string) (week string, id int64, ok bool)
	ParseNotice(address string) (week string, id int64, ok bool)
	ParseLeave(address string) (week string, id int64, ok bool)
	ParseMessageID(messageID string) (week string, id int64, ok bool)
}

// A Tally is how many mails of a kind came to an outcome.
type Tally struct {
	Kind    Kind
	Outcome Outcome
	Mails   int64
}
