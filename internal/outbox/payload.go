package outbox

import (
	"encoding/json"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/subscribers"
)

// A Payload is what an event of its kind says. The names of its fields in JSON
// are stored: a field may be added, and is then zero in older events; whoever
// renames or drops one, or changes what it means, raises the kind's version and
// has Decode read the old one too.
type Payload interface {
	Kind() Kind
}

// A Confirm asks whoever signed up to confirm. Its details are what a visitor
// typed: they are kept for the confirmation and stay out of the mail.
type Confirm struct{ subscribers.Details }

// A Welcome greets a reader who has confirmed.
type Welcome struct{}

// A Goodbye is the last mail to someone who left.
type Goodbye struct{}

// A LeaveLink gives a reader who asked for it a link to leave.
type LeaveLink struct{}

// An Item is a comparison, and why it is in or out.
type Item struct {
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

// A DraftReady says that a draft waits, or that it changed.
type DraftReady struct {
	Week             edition.Week `json:"week"`
	Subject          string       `json:"subject"`
	Slot             time.Time    `json:"slot"`
	Hash             string       `json:"hash"` // of the draft's content, to which an approval is bound
	ApprovalRequired bool         `json:"approval_required"`
	Readers          int          `json:"readers"` // who would get it now
	Preheader        string       `json:"preheader,omitempty"`
	Featured         []Item       `json:"featured,omitempty"`
	LeftOut          []Item       `json:"left_out,omitempty"`
	Problems         []string     `json:"problems,omitempty"` // what stops it, or kept a comparison out
	Warnings         []string     `json:"warnings,omitempty"`
	Notes            []string     `json:"notes,omitempty"` // what was made shorter by plan
	HTML             string       `json:"html,omitempty"`  // the draft as a reader would get it, its links inert
	Text             string       `json:"text,omitempty"`
}

// A Held says that an edition is on hold or paused, and why.
type Held struct {
	Week    edition.Week `json:"week"`
	Subject string       `json:"subject"`
	Slot    time.Time    `json:"slot"`
	Reason  string       `json:"reason"`
	ByHand  bool         `json:"by_hand"` // an editor held it
	Paused  bool         `json:"paused"`  // in mid-send: some readers may have it
}

// A Missed says that a slot passed without a send, or that several did: the last
// is named, the weeks before it are counted.
type Missed struct {
	Week           edition.Week `json:"week"`
	Slot           time.Time    `json:"slot"`
	CatchUpSeconds int64        `json:"catch_up_seconds"` // how late a send may be
	Noticed        time.Time    `json:"noticed"`
	Because        Because      `json:"because,omitempty"` // "" in events of older programs: not known
	Earlier        int          `json:"earlier,omitempty"` // weeks before it that were missed too
	First          edition.Week `json:"first,omitzero"`    // the first of those
}

// Because says why a slot was missed. The values are stored.
type Because string

// Why a slot was missed.
const (
	BecauseDown       Because = "down"       // the program was not running, or could not send
	BecauseHeld       Because = "held"       // an editor held the edition
	BecauseUnapproved Because = "unapproved" // nobody approved it
)

// CatchUp is how late a send may be.
func (m Missed) CatchUp() time.Duration { return time.Duration(m.CatchUpSeconds) * time.Second }

// A Report says how a send went. Its counts sum up to Total.
type Report struct {
	Week       edition.Week `json:"week"`
	Subject    string       `json:"subject"`
	StartedAt  time.Time    `json:"started_at"`
	FinishedAt time.Time    `json:"finished_at"`
	Total      int          `json:"total"`
	Accepted   int          `json:"accepted"`
	Deferred   int          `json:"deferred"`
	Failed     int          `json:"failed"`
	Unknown    int          `json:"unknown"`
	Suppressed int          `json:"suppressed"`
	Failures   []string     `json:"failures,omitempty"` // what servers said, with counts; no reader's address
	Unread     []string     `json:"unread,omitempty"`   // files of comparisons that may be new and could not be read
	ArchiveURL string       `json:"archive_url,omitempty"`
	Proof      string       `json:"proof,omitempty"`      // the hash of the exported proof
	FirstPart  string       `json:"first_part,omitempty"` // what became of it, in a sentence
}

// A Refused says that the mail server takes no mail, or refuses it for a reason
// that the operator can fix.
type Refused struct {
	Mail    Kind      `json:"mail"`  // of which the server said so
	Reply   string    `json:"reply"` // its words; no reader's address
	At      time.Time `json:"at"`
	Waiting int       `json:"waiting"` // events that had not been told then
}

// A Surge says that many more sign-ups are asked for than are confirmed, so that
// confirmations wait.
type Surge struct {
	Since     time.Time `json:"since"`
	Domains   []string  `json:"domains,omitempty"` // whose addresses are signed up; none: of all domains
	Asked     int       `json:"asked"`             // in the last hour, as the next two
	Confirmed int       `json:"confirmed"`
	Held      int       `json:"held"` // sign-ups that wait, now
}

// Kind is KindSurge.
func (Surge) Kind() Kind { return KindSurge }

// A Returned says that mail of an edition came back, or was refused, for a reason
// that only the operator can fix, such as a domain without SPF or DKIM.
type Returned struct {
	Week  edition.Week `json:"week"`
	Reply string       `json:"reply"` // the server's words; no reader's address
	At    time.Time    `json:"at"`
	// InSession: a server refused it while it was sent; it did not come back.
	InSession bool `json:"in_session,omitempty"`
}

// A Checkup says what serve found when it looked at what can be wrong, after a
// finding came, went or changed its level.
type Checkup struct {
	Host     string    `json:"host"`
	At       time.Time `json:"at"`
	Findings []Finding `json:"findings,omitempty"` // all there are, in the checks' order
	Settled  []string  `json:"settled,omitempty"`  // checks that pass again
}

// A Finding is a check that warns or fails.
type Finding struct {
	Check  string `json:"check"`
	Fails  bool   `json:"fails"` // it does not only warn
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
	New    bool   `json:"new"` // editors were not told of it at this level
}

// Empty reports whether there is nothing to tell.
func (c Checkup) Empty() bool { return len(c.Findings) == 0 && len(c.Settled) == 0 }

// Kind is KindCheckup.
func (Checkup) Kind() Kind { return KindCheckup }

// A Login gives an editor who asked for it a link that logs in at the desk.
type Login struct {
	Next string `json:"next,omitempty"` // the desk's page that was asked for
}

// Kind is KindLogin.
func (Login) Kind() Kind { return KindLogin }

// Kind is KindConfirm.
func (Confirm) Kind() Kind { return KindConfirm }

// Kind is KindWelcome.
func (Welcome) Kind() Kind { return KindWelcome }

// Kind is KindGoodbye.
func (Goodbye) Kind() Kind { return KindGoodbye }

// A FreshLink gives a reader who asked for it a link that works for an hour, once.
type FreshLink struct {
	Purpose subscribers.Purpose `json:"purpose"`
}

// An AddressChanged tells a reader's old address that the digest goes to another.
type AddressChanged struct{}

// ReaderLinks give a reader who asked on a comparison's page their own links to
// vote on it and to save it.
type ReaderLinks struct{ subscribers.Page }

// Kind is KindLinks.
func (ReaderLinks) Kind() Kind { return KindLinks }

// Kind is KindFreshLink.
func (FreshLink) Kind() Kind { return KindFreshLink }

// Kind is KindMoved.
func (AddressChanged) Kind() Kind { return KindMoved }

// Kind is KindLeaveLink.
func (LeaveLink) Kind() Kind { return KindLeaveLink }

// Kind is KindDraftReady.
func (DraftReady) Kind() Kind { return KindDraftReady }

// Kind is KindHeld.
func (Held) Kind() Kind { return KindHeld }

// Kind is KindMissed.
func (Missed) Kind() Kind { return KindMissed }

// Kind is KindReport.
func (Report) Kind() Kind { return KindReport }

// Kind is KindRefused.
func (Refused) Kind() Kind { return KindRefused }

// Kind is KindReturned.
func (Returned) Kind() Kind { return KindReturned }

// version is the version that Encode writes, of every kind so far.
const version = 1

// Encode gives a payload as it is stored, and its version.
func Encode(p Payload) (v int, data []byte, err error) {
	data, err = json.Marshal(p)
	if err != nil {
		return 0, nil, fmt.Errorf("store a %s event: %w", p.Kind(), err)
	}
	return version, data, nil
}

// Decode reads a stored payload of any version that a program ever wrote. It
// fails with ErrUnknown for one that only a newer program can have written.
func Decode(kind Kind, v int, data []byte) (Payload, error) {
	if v < 1 || v > version {
		return nil, fmt.Errorf("%w: kind %s in version %d", ErrUnknown, kind, v)
	}
	switch kind {
	case KindConfirm:
		return decode[Confirm](data)
	case KindWelcome:
		return Welcome{}, nil
	case KindGoodbye:
		return Goodbye{}, nil
	case KindLeaveLink:
		return LeaveLink{}, nil
	case KindFreshLink:
		return decode[FreshLink](data)
	case KindLinks:
		return decode[ReaderLinks](data)
	case KindMoved:
		return AddressChanged{}, nil
	case KindDraftReady:
		return decode[DraftReady](data)
	case KindHeld:
		return decode[Held](data)
	case KindMissed:
		return decode[Missed](data)
	case KindReport:
		return decode[Report](data)
	case KindRefused:
		return decode[Refused](data)
	case KindReturned:
		return decode[Returned](data)
	case KindSurge:
		return decode[Surge](data)
	case KindCheckup:
		return decode[Checkup](data)
	case KindLogin:
		return decode[Login](data)
	}
	return nil, fmt.Errorf("%w: kind %q", ErrUnknown, kind)
}

func decode[P Payload](data []byte) (Payload, error) {
	var p P
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("read a %s event: %w", p.Kind(), err)
	}
	return p, nil
}
