package render

import (
	"strings"
	"time"

	"verdicts.example/digest/internal/edition"
)

// The names of the editors' mails, for Mail; they are stored in the outbox.
const (
	MailDraftReady = "draft_ready"
	MailHeld       = "held"
	MailMissed     = "missed"
	MailReport     = "report"
	MailRefused    = "refused"
	MailSurge      = "surge"
	MailReturned   = "returned"
	MailCheckup    = "checkup"
	MailLogin      = "login"
	MailCorrection = "correction" // to readers
)

// mailNames lists the mails that have templates.
func mailNames() []string {
	return []string{"digest", "confirm", "welcome", "goodbye", "leave", "fresh_link", "reader_links", "address_changed", MailDraftReady, MailHeld, MailMissed, MailReport, MailRefused, MailSurge, MailReturned, MailCheckup, MailLogin, MailCorrection}
}

// ConfirmData is the data of the mail that asks a visitor to confirm. Nothing
// that the visitor typed stands in it but the address, so that the form cannot
// be used to send words to strangers.
type ConfirmData struct {
	ConfirmURL string // BASE/confirm/TOKEN, or with mergefield.Token in TOKEN's place
	DeclineURL string // BASE/decline/TOKEN: it was not the reader who signed up
	Email      string // the address, or mergefield.Email
	ExpiresIn  time.Duration
}

// WelcomeData is the data of the mail after a confirmation.
type WelcomeData struct {
	Email          string
	UnsubscribeURL string
	ArchiveURL     string    // BASE/archive
	Next           time.Time // the next digest's slot in the list's time zone; zero: not scheduled
}

// GoodbyeData is the data of the last mail to someone who left.
type GoodbyeData struct {
	Email     string
	SignUpURL string // the form, BASE/
	ReturnURL string // BASE/unsubscribe/TOKEN: its button mails a link to come back, with topics and name as they were
}

// FreshLinkData is the data of the mail with a link that a reader asked for and
// that works once.
type FreshLinkData struct {
	Email     string
	Purpose   string // address, new-address, about or erase
	URL       string
	ExpiresIn time.Duration
}

// LoginData is the data of the mail with a link that logs an editor in, once.
type LoginData struct {
	Email     string
	URL       string
	ExpiresIn time.Duration
}

// AddressChangedData is the data of the mail to the address that a reader moved
// away from.
type AddressChangedData struct {
	Email     string
	SignUpURL string // where to come back, BASE/
}

// LeaveData is the data of the mail with a link to leave, for a reader who had
// none at hand.
type LeaveData struct {
	Email          string
	UnsubscribeURL string
}

// ReaderLinksData is the data of the mail with a reader's own links to a comparison
// on whose page they asked for them.
type ReaderLinksData struct {
	Email    string
	Title    string // "A vs B"
	VoteURL  string // "": nobody can vote on it
	SaveURL  string
	SavedURL string // the reader's list
}

// An EditionItem is a comparison in an editors' mail.
type EditionItem struct {
	Title  string // "A vs B"
	Reason string // why it is in or out, from edition explain
}

// DraftReadyData tells the editors that a draft waits.
type DraftReadyData struct {
	Week             edition.Week
	Subject          string
	Slot             time.Time // when it goes out, in the list's time zone
	Hash             string    // names the draft for approval
	ApprovalRequired bool      // false: it goes out by itself
	Recipients       int       // who would get it now
	Preheader        string
	Featured         []EditionItem
	LeftOut          []EditionItem
	Problems         []string // failed checks, and comparisons that broke a rule, "file:line: what is wrong"
	Warnings         []string
	Notes            []string // what was degraded by plan
	Below            bool     // the draft itself stands below; see Rendered.Above
	DeskURL          string   // where an editor who is logged in approves this draft; "": there is no desk on the site
}

// Approve is the command that approves this draft, and no other.
func (d DraftReadyData) Approve() string {
	cmd := "digest edition approve --week " + d.Week.String()
	if d.Hash != "" {
		cmd += " --hash " + d.Hash
	}
	return cmd
}

// CorrectionData is the data of the mail to those who got an edition before it was
// amended.
type CorrectionData struct {
	Week           edition.Week // the edition's
	Title          string       // the edition's subject, as it is now
	Words          string       // what is corrected, in an editor's words; Markdown, as a note
	ArchiveURL     string       // the corrected edition
	Email          string       // mergefield.Email
	UnsubscribeURL string       // the reader's own: it ends in mergefield.Token
}

// Text is the editor's words in both parts of the mail.
func (d CorrectionData) Text() Note { return parseNote(d.Words) }

// HeldData tells the editors that an edition is on hold or paused.
type HeldData struct {
	Week    edition.Week
	Subject string
	Slot    time.Time
	Reason  string
	ByHand  bool   // an editor held it; false: the program did, approval was missing
	Paused  bool   // it was being sent: some readers may have it, and it is resumed, not approved
	DeskURL string // the week's page at the desk; "" where there is no desk
}

// MissedData tells the editors that a slot passed without a send.
type MissedData struct {
	Week    edition.Week
	Slot    time.Time
	CatchUp time.Duration // how late a send may still be, schedule.catch_up
	Now     time.Time
	Why     string // a sentence
	DeskURL string // the week's page at the desk; "" where there is no desk
}

// CheckupData tells the editors what can be wrong, after that has changed.
type CheckupData struct {
	Host     string // the machine that was looked at
	At       time.Time
	Findings []CheckupFinding
	Settled  []string // checks that pass again
}

// A CheckupFinding is a check that warns or fails, and what to do.
type CheckupFinding struct {
	Check       string
	Fails       bool
	Detail, Fix string
	New         bool
}

// SettledNames are the checks that pass again.
func (d CheckupData) SettledNames() string { return strings.Join(d.Settled, ", ") }

// Failures counts the checks that fail.
func (d CheckupData) Failures() (n int) {
	for _, f := range d.Findings {
		if f.Fails {
			n++
		}
	}
	return n
}

// ReturnedData tells the editors that mail of an edition comes back because the
// sender is not set up as a receiver asks.
type ReturnedData struct {
	Week  edition.Week
	Reply string // the server's words, without a reader's address
	At    time.Time
	// InSession: it was refused while it was sent.
	InSession bool
	Explained
}

// Explained is what a server's reply means and what to do, where it is known; else
// it is empty.
type Explained struct {
	Meaning, Action string
	Checks          string // of doctor, which prove it
}

// SurgeData tells the editors that many more sign-ups are asked for than are
// confirmed.
type SurgeData struct {
	Since     time.Time
	Domains   string // "example.com, example.org"; "": all
	Asked     int    // in the last hour
	Confirmed int
	Held      int // sign-ups that wait
}

// RefusedData tells the editors that the mail server does not take what is
// mailed outside of editions.
type RefusedData struct {
	What    string // what was refused, "a confirmation"
	Reply   string // the server's words
	At      time.Time
	Waiting int           // mails that wait
	Kept    time.Duration // how long each is tried
	Explained
}
