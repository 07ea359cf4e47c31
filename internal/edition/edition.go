// Package edition owns one week's digest: which comparisons are in it and why,
// its subject, and its states.
//
// The package promises that picking is a pure function of its inputs with a
// reason for every candidate, that an ISO week has at most one edition (the
// store's uniqueness constraint makes it so), and that an edition moves only
// along the transitions listed here.
package edition

import (
	"fmt"
	"strings"
	"time"
)

// State is where an edition stands.
type State string

// The states. Draft, approved and held editions may be rebuilt; from sending on
// the rendered bytes and the recipients are frozen.
const (
	Draft     State = "draft"
	Approved  State = "approved"
	Held      State = "held"
	Sending   State = "sending"
	Sent      State = "sent"
	Skipped   State = "skipped"   // nothing new
	Missed    State = "missed"    // the slot passed while the program was down, beyond schedule.catch_up
	Cancelled State = "cancelled" // by an editor, before or in mid-send
)

// An Edition is one week's digest as it is recorded.
type Edition struct {
	ID           int64
	Week         Week
	State        State
	Slot         time.Time // the scheduled instant of the send
	Since        time.Time // content published after this instant is new
	Cutoff       time.Time // content published at or before this instant is in time
	Subject      string
	Preheader    string
	Items        []Item // featured, in order
	Carried      []Item // eligible but over edition.max: next week's first candidates
	Hash         string // SHA-256 of the current build, hex; "" before the first build
	ApprovedHash string // the hash an editor approved; approval holds while it equals Hash
	ApprovedBy   string
	// NeedsApproval: an editor has held or approved it, so it goes with an
	// approval only, also where editors need not approve.
	NeedsApproval bool
	EditsVersion  int    // the version of the edits that the current build knew
	SkippedBy     string // the editor who left the week out; "" when it had nothing new
	PauseReason   string // why a sending edition is paused; "" when it is not
	CreatedAt     time.Time
	BuiltAt       time.Time
	FrozenAt      time.Time // when bytes and recipients were frozen; zero before
	FinishedAt    time.Time
	// Expected: it is not recorded so; it is taken to go out at its slot.
	Expected bool
}

// An Item is a comparison's place in an edition. Pairing tells near-duplicates
// in later editions.
type Item struct {
	Slug string
	// Tools are the two names as featured, so that a later comparison of the
	// same pairing is recognised when this one's file has gone.
	Tools [2]string
	Facts [2]Facts // what readers are told of the tools
	// Unread is set on a carried item whose file could not be read.
	Unread Unread
}

// Title names the comparison as it was featured: "Cursor vs Windsurf".
func (it Item) Title() string {
	if it.Tools == [2]string{} {
		return it.Slug
	}
	return it.Tools[0] + " vs " + it.Tools[1]
}

// An Unread is the file of a comparison that an edition could not read, and where
// that edition's window began: corrected, the comparison is as new as it was then.
type Unread struct {
	File  string    `json:"file"` // in the folder of comparisons; "": it was read
	Since time.Time `json:"since"`
}

// A Variant is one form of a frozen edition; each delivery says which it gets.
type Variant struct {
	Number  int // 0 is what was frozen first
	Message []byte
	Sender  Sender
	Slugs   []string // what it compares, in its order; none: all that the edition does
}

// A Sender is whom a mail is from and signed by: part of what is frozen. Its zero
// value says that this was not kept.
type Sender struct {
	From    string `json:"from"`
	ReplyTo string `json:"reply_to"`
	ListID  string `json:"list_id"`
	DKIM    string `json:"dkim"` // domain and selectors
}

// Differs says which of the settings are not what was frozen, "" when none is.
func (s Sender) Differs(now Sender) string {
	if s == (Sender{}) || s == now {
		return ""
	}
	var list []string
	for _, x := range []struct{ what, was, is string }{
		{"From", s.From, now.From}, {"Reply-To", s.ReplyTo, now.ReplyTo}, {"List-Id", s.ListID, now.ListID}, {"DKIM", s.DKIM, now.DKIM},
	} {
		if x.was != x.is {
			list = append(list, fmt.Sprintf("%s is %s in the frozen mail and %s in the settings", x.what, quoteOr(x.was), quoteOr(x.is)))
		}
	}
	return strings.Join(list, "; ")
}

// A Build is what one rendering of an edition gave. Slots (package slot) stand
// where the readers' values will be.
type Build struct {
	Week      Week
	Hash      string // SHA-256 over subject, preheader, html and text, hex
	Subject   string
	Preheader string
	HTML      string // CSS inlined
	Uninlined string // the same before inlining
	Text      string
	BuiltAt   time.Time
	Readers   Readers
}
