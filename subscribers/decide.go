package subscribers

import (
	"net/netip"
	"time"
)

// What bounds the mails that a stranger can cause by typing somebody's address
// into the form. They count by Address.Throttle.
const (
	ConfirmEvery = 24 * time.Hour      // at most one confirmation mail in this time
	ConfirmMax   = 3                   // confirmation mails until one is confirmed
	ConfirmFor   = 7 * 24 * time.Hour  // how long the link in one works
	ConfirmKept  = 30 * 24 * time.Hour // how long a link is remembered after it expired
	// PendingFor is how long a sign-up that is never confirmed is remembered; its
	// limits stay, by hash. At most ForgetMost are forgotten at a time.
	PendingFor = 30 * 24 * time.Hour
	ForgetMost = 1000
)

// A PendingReader has signed up and has not confirmed.
type PendingReader struct {
	ID      int64
	AskedAt time.Time // when they signed up last; zero: never, an import brought them
}

// ForgetAskedBefore is when the sign-ups were made, or earlier, that are forgotten.
func ForgetAskedBefore(at time.Time) time.Time { return at.Add(-PendingFor) }

// Forgotten gives the numbers of those who are forgotten, at most ForgetMost: whose
// last sign-up was never confirmed for PendingFor. Whom an import brought stays: it
// is the operator's to say what becomes of them.
func Forgotten(pending []PendingReader, at time.Time) (ids []int64) {
	for _, p := range pending {
		if !p.AskedAt.IsZero() && p.AskedAt.Before(ForgetAskedBefore(at)) && len(ids) < ForgetMost {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// LeaveEvery is how often a reader is mailed a link to leave, at most; LinksEvery
// how often links to vote and save.
const (
	LeaveEvery = time.Hour
	LinksEvery = 10 * time.Minute
)

// A Wish is what somebody asks for with an address, or with a reader's link. The
// values are stored.
type Wish string

// The wishes.
const (
	WishJoin   Wish = "join"   // the form: a confirmation
	WishRejoin Wish = "rejoin" // the link of a reader who left by mistake: a confirmation
	WishLeave  Wish = "leave"  // an address without its link: a fresh link to leave
	WishLinks  Wish = "links"  // an address on a comparison's page: the reader's own links to vote on it and save it
)

// Details are what a sign-up says beside the address. They wait with the
// confirmation and apply when it is confirmed, so that a stranger who signs an
// address up cannot rename its reader. They are never put into the confirmation
// mail.
type Details struct {
	Name       string   `json:"name,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Source     string   `json:"source,omitempty"`
	Wording    string   `json:"wording,omitempty"` // version of the text agreed to
	Page       Page     `json:"page,omitzero"`     // of WishLinks
}

// A Page is a comparison's, from which a reader asks for links to it.
type Page struct {
	Slug  string `json:"slug"`
	Title string `json:"title"`          // "A vs B"
	Week  string `json:"week,omitempty"` // of the edition in which it is voted on; "": it can't be
}

// A QueuedSignUp is a sign-up as it waits to be decided on.
type QueuedSignUp struct {
	Address Address
	Details Details
	IP      netip.Addr // kept as evidence of consent if a confirmation is sent
	At      time.Time
	Wish    Wish
	// Answered is set when the visitor has answered a question; see Questions.
	Answered bool
}

// Note is what the history keeps of a sign-up: its source, and where it came from.
func (q QueuedSignUp) Note() string {
	if !q.IP.IsValid() {
		return q.Details.Source
	}
	return q.Details.Source + " from " + q.IP.String()
}

// A Case is a queued sign-up and everything its decision depends on.
type Case struct {
	SignUp     QueuedSignUp
	Found      bool       // whether the address is on the list, as Subscriber
	Subscriber Subscriber // zero unless Found
	Suppressed Reason     // by the address's hash
	Sent       int        // confirmations sent to the mailbox since it last confirmed
	LastSent   time.Time  // of these or any earlier; zero: never
	Declined   time.Time  // when the mailbox said that a sign-up was not its own; zero: never
	Waiting    bool       // a confirmation to the mailbox is in the outbox
	Held       bool       // one is held until a surge ends
	LastLink   time.Time  // of the mails with the links that are wished for; zero: never, or long ago
}

// Decide reports whether a request is answered with a mail. The wish of who gets
// the digest to leave, or to vote and save, is answered with links. A sign-up is answered with a
// confirmation for a new address, which becomes pending; for a pending one; and
// for one that left before this sign-up, which stays unsubscribed until it
// confirms. An active reader and a suppressed address get nothing. Who was erased
// may come back: the erasure is their own will, and so is the return.
func Decide(c Case, at time.Time) bool {
	s := c.Subscriber
	switch {
	case c.SignUp.Wish == WishLeave:
		return c.mayHaveLink(LeaveEvery, at)
	case c.SignUp.Wish == WishLinks:
		return c.mayHaveLink(LinksEvery, at)
	case c.Suppressed != NotSuppressed && c.Suppressed != Erased:
		return false
	case c.Found && (s.Suppressed != NotSuppressed || s.Status == Active):
		return false
	case c.Found && s.Status == Unsubscribed && !c.SignUp.At.After(s.UnsubscribedAt):
		return false // it waited in the queue while they left
	case c.declined(at) && c.SignUp.Wish != WishRejoin:
		return false
	case c.Waiting || c.Held && !c.SignUp.Answered || c.Sent >= ConfirmMax:
		return false
	}
	if c.SignUp.Wish == WishRejoin && c.LastSent.Before(s.UnsubscribedAt) {
		return true // whoever has the link asks, and this leaving was not answered yet
	}
	return c.LastSent.IsZero() || at.Sub(c.LastSent) >= ConfirmEvery
}

// declined reports whether the mailbox has declined lately. A reader's own link to come
// back is no stranger's.
func (c Case) declined(at time.Time) bool {
	return !c.Declined.IsZero() && at.Sub(c.Declined) < DeclinedFor
}

// mayHaveLink reports whether the address gets the digest, and was mailed no such
// link lately.
func (c Case) mayHaveLink(every time.Duration, at time.Time) bool {
	return c.Found && c.Subscriber.Mailable() && (c.LastLink.IsZero() || at.Sub(c.LastLink) >= every)
}

// A Confirmation is a confirmation link's record.
type Confirmation struct {
	Subscriber Subscriber
	Details    Details
	ExpiresAt  time.Time
	UsedAt     time.Time // when it was used, or voided because its subscriber left or was suppressed; zero: not yet
}

// Check is nil when the link may be used: else ErrUsed or ErrExpired.
func (c Confirmation) Check(at time.Time) error {
	switch {
	case !c.UsedAt.IsZero() || c.Subscriber.Suppressed != NotSuppressed:
		return ErrUsed
	case !at.Before(c.ExpiresAt):
		return ErrExpired
	}
	return nil
}
