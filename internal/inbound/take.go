package inbound

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// An Outcome is what was done with a mail. The words are stored and counted.
type Outcome string

// The outcomes.
const (
	OutcomeRecorded   Outcome = "recorded"   // it is about a delivery, and changes nobody's standing
	OutcomeSuppressed Outcome = "suppressed" // its reader gets no more mail
	OutcomeLeft       Outcome = "left"       // its reader asked to leave, and did
	OutcomeAgain      Outcome = "again"      // the same mail came before
	OutcomeKept       Outcome = "kept"       // it proves nothing, or cannot be read: somebody should look
	OutcomeForeign    Outcome = "foreign"    // none of ours
)

// A Finding is what a mail says of one delivery.
type Finding struct {
	Week       string
	Subscriber int64
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
	Suppressed subscribers.Reason
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
	// and counts the mail.
	Record(ctx context.Context, f Finding) (Effect, error)
	// Keep keeps a mail, drops the oldest above KeptMails, and counts it.
	Keep(ctx context.Context, k Kept) error
	// RecordDMARC keeps an aggregate report; one that came before is replaced.
	RecordDMARC(ctx context.Context, d DMARC, at time.Time) error
	// Count counts a mail that is neither recorded nor kept.
	Count(ctx context.Context, kind Kind, o Outcome, at time.Time) error
}

// A Settler settles deliveries of unknown outcome.
type Settler interface {
	// Unknown gives those of every edition.
	Unknown(ctx context.Context) (map[Delivery]bool, error)
	// Settle makes those that are still unknown accepted, and says how many were.
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

// A Tagger tells deliveries by envelope senders that only this list can have
// made; message.Tagger does.
type Tagger interface {
	ParseVERP(address string) (week string, id int64, ok bool)
}

// Parts are what a Taker works with.
type Parts struct {
	Store  Store
	Tagger Tagger
	// Leave unsubscribes the owner of a token; it fails with
	// subscribers.ErrNotFound for a token of nobody.
	Leave   func(ctx context.Context, token, via string) (subscribers.Subscriber, error)
	Editors []string // are told of what only the operator can fix
	Now     func() time.Time
}

// A Taker acts on mails that came back. It answers none. It is safe for
// concurrent use.
type Taker struct{ in Parts }

// NewTaker makes a Taker.
func NewTaker(p Parts) *Taker { return &Taker{in: p} }

// Taken is what became of a mail.
type Taken struct {
	Report  Report
	Outcome Outcome
	Week    string // of the delivery
	Effect  Effect
	Why     string // it is kept
}

// Take reads a mail and acts on what it says of a delivery that is named by an
// envelope sender with a valid tag: to is where the mail was brought to, as far
// as the way in knows. An error is the store's: the mail is to be brought again.
func (t *Taker) Take(ctx context.Context, raw []byte, to ...string) (Taken, error) {
	taken := Taken{Report: Read(raw)}
	taken.Report.Addresses = append(to, taken.Report.Addresses...)
	mail := sha256.Sum256(raw)
	return t.act(ctx, taken, raw, mail)
}

// TakeReport is Take of what a provider said in another form than a mail; raw is
// what it sent.
func (t *Taker) TakeReport(ctx context.Context, r Report, raw []byte) (Taken, error) {
	return t.act(ctx, Taken{Report: r}, raw, sha256.Sum256(raw))
}

func (t *Taker) act(ctx context.Context, taken Taken, raw []byte, mail [sha256.Size]byte) (Taken, error) {
	r, at := taken.Report, t.in.Now()
	switch {
	case r.Kind == KindUnsubscribe:
		return t.leave(ctx, taken, raw, mail)
	case r.Kind == KindDMARC && r.DMARC != nil:
		taken.Outcome = OutcomeRecorded
		return taken, t.in.Store.RecordDMARC(ctx, *r.DMARC, at)
	}
	week, id, ok := t.delivery(r)
	switch {
	case !ok && r.Kind == KindNone, !ok && r.Kind == KindAutoreply:
		taken.Outcome = OutcomeForeign
		return taken, t.in.Store.Count(ctx, r.Kind, taken.Outcome, at)
	case !ok:
		return t.keep(ctx, taken, raw, mail, "it names no delivery of this list")
	case r.Kind == KindNone:
		return t.keep(ctx, taken, raw, mail, "it came to a delivery's own address and cannot be read")
	}
	taken.Week = week
	f := findingOf(r)
	f.Week, f.Subscriber, f.Mail, f.At = week, id, mail, at
	if f.Kind == KindBounce && f.Reason == reasonAuth {
		f.Alarm = t.in.Editors
	}
	effect, err := t.in.Store.Record(ctx, f)
	if err != nil {
		return taken, fmt.Errorf("record a %s of %s: %w", r.Kind, week, err)
	}
	taken.Effect = effect
	switch {
	case !effect.Known:
		return t.keep(ctx, taken, raw, mail, "this database knows nothing of the delivery that it is about")
	case effect.Again:
		taken.Outcome = OutcomeAgain
	case effect.Suppressed != subscribers.NotSuppressed:
		taken.Outcome = OutcomeSuppressed
	default:
		taken.Outcome = OutcomeRecorded
	}
	return taken, nil
}

// delivery finds the tag.
func (t *Taker) delivery(r Report) (week string, id int64, ok bool) {
	for _, a := range r.Addresses {
		if week, id, ok = t.in.Tagger.ParseVERP(a); ok {
			return week, id, true
		}
	}
	return "", 0, false
}

// findingOf takes what a mail to one reader says of him: of several recipients
// (somebody who forwards his mail) the one that is gone.
func findingOf(r Report) Finding {
	f := Finding{Kind: r.Kind}
	for i, x := range r.Recipients {
		if i == 0 || x.Class == subscribers.BounceHard {
			f.Class, f.Status, f.Reply, f.Reason = x.Class, x.Status, x.Reply, x.Reason
		}
	}
	switch r.Kind {
	case KindComplaint:
		f.Class = subscribers.BounceComplaint
	case KindDelay:
		f.Class = subscribers.BounceDelayed
	case KindAutoreply, KindDMARC:
		f.Class, f.Reply = "", ""
	}
	return f
}

func (t *Taker) keep(ctx context.Context, taken Taken, raw []byte, mail [sha256.Size]byte, why string) (Taken, error) {
	taken.Outcome, taken.Why = OutcomeKept, why
	k := Kept{Mail: mail, Kind: taken.Report.Kind, Why: why, At: t.in.Now(), Size: len(raw), Raw: raw[:min(len(raw), KeptBytes)]}
	if err := t.in.Store.Keep(ctx, k); err != nil {
		return taken, fmt.Errorf("keep a mail: %w", err)
	}
	return taken, nil
}

// leave lets a reader go by the token in his mail. Without one, the mail proves
// nothing: From can say anything.
func (t *Taker) leave(ctx context.Context, taken Taken, raw []byte, mail [sha256.Size]byte) (Taken, error) {
	if taken.Report.Token == "" {
		return t.keep(ctx, taken, raw, mail, "it asks to leave and has no reader's link in it: 'From' can be forged")
	}
	_, err := t.in.Leave(ctx, taken.Report.Token, "mail")
	if errors.Is(err, subscribers.ErrNotFound) {
		return t.keep(ctx, taken, raw, mail, "it asks to leave with a link of nobody on the list")
	}
	if err != nil {
		return taken, fmt.Errorf("let a reader leave: %w", err)
	}
	taken.Outcome = OutcomeLeft
	return taken, t.in.Store.Count(ctx, KindUnsubscribe, OutcomeLeft, t.in.Now())
}

// leaveToken finds the reader's token behind the word in a subject.
func leaveToken(subject string) string {
	words := strings.Fields(subject)
	for i, w := range words {
		if strings.EqualFold(w, "unsubscribe") && i+1 < len(words) {
			if _, err := subscribers.ParseToken(words[i+1]); err == nil {
				return words[i+1]
			}
		}
	}
	return ""
}

// A Tally is how many mails of a kind came to an outcome.
type Tally struct {
	Kind    Kind
	Outcome Outcome
	Mails   int64
}
