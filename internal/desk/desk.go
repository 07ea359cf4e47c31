// Package desk is what editors and operators do, in verbs: build, approve, hold,
// cancel, send, pause, resume, settle, prove. The command line calls it, and so
// can a page or an API: it asks nobody and prints nothing.
//
// The package promises that a verb reads and changes the records and nothing
// else, that which week is meant is a pure function of the clock, the calendar
// and the records, and that its errors say what is wrong and name no command.
package desk

import (
	"context"
	"errors"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNoDatabase = store.ErrNone
	ErrOneBuild   = errors.New("there is only one build, so nothing to compare")
	ErrShortHash  = errors.New("a build is named by at least 8 characters of its hash")
	// ErrNoEditor is an approval by somebody who is none of the editors, where
	// more than one has to approve.
	ErrNoEditor = errors.New("not among the editors of the settings")
)

// Records are the deliveries as they are recorded.
type Records interface {
	delivery.Store
	// Compact drops who accepted editions that were sent before then.
	Compact(ctx context.Context, before, at time.Time) (int64, error)
}

// Readers are the list as far as a send needs it.
type Readers interface {
	Counts(ctx context.Context) (subscribers.Counts, error)
	// Get fails with subscribers.ErrNotFound.
	Get(ctx context.Context, email string) (subscribers.Subscriber, error)
	// SurgeState tells whether a surge of sign-ups goes on.
	SurgeState(ctx context.Context) (subscribers.SurgeState, error)
}

// Parts are what a desk works with. Editions, Records, Leases, Journals,
// Readers, Inbox and Shelf are nil where there is no database: drafts can be looked at then, and tests sent.
type Parts struct {
	Pipeline *pipeline.Pipeline
	Editions pipeline.Archive
	Records  Records
	Leases   delivery.Leases
	Journals *journal.Folder
	Node     string // of this host among several; "" where one process has the database
	// Nodes gives a send's nodes; nil where one process has the database.
	Nodes   func(ctx context.Context, edition int64) ([]delivery.NodeStatus, error)
	Fleet   node.Registry // the processes that share the database; nil: there are none
	Readers Readers
	Inbox   *inbound.Taker // what comes back
	Shelf   inbound.Shelf
	Settler inbound.Settler
	Tags    inbound.Tags
	// Versions counts a send's deliveries by the frozen variant.
	Versions func(ctx context.Context, edition int64) (map[int]delivery.Counts, error)
	Secret   func(ctx context.Context) ([]byte, error) // the list's
	Book     edition.Book
	// Aftermath and Tallies are what readers did; nil without a database.
	Aftermath Aftermath
	Tallies   func(ctx context.Context) (votes.Tallies, error)
	// Reasons counts why readers left, by UTC days from that of one instant until
	// before that of another; nil without a database.
	Reasons func(ctx context.Context, from, to time.Time) (map[subscribers.LeaveReason]int64, error)
	Seen    Seen
	// Approvals is how many have to approve an edition; below 1 counts as 1. Where
	// it is more than one, only those of Roster may.
	Approvals int
	Roster    func() editors.Roster // as the settings have them now
	Calendar  edition.Calendar
	CatchUp   time.Duration // how long after its slot an edition may still go
	Sender    string        // the address in From, for the sample reader
	Now       func() time.Time
}

// A Desk is safe for concurrent use.
type Desk struct {
	in Parts
	by string // in whose name it acts; "": nobody's, and what it does is not put down to anybody
}

// New makes a desk.
func New(p Parts) *Desk { return &Desk{in: p} }

// By is the desk of somebody: an editor's address, or a user of the machine. What
// it does to a week is kept with that name.
func (d *Desk) By(name string) *Desk { return &Desk{in: d.in, by: name} }

func (d *Desk) ledger() delivery.Ledger {
	return delivery.Ledger{Store: d.in.Records, Leases: d.in.Leases, Journals: d.in.Journals, Node: d.in.Node}
}

// Editions lists the weeks' recorded editions, the oldest first; none without a
// database.
func (d *Desk) Editions(ctx context.Context) ([]edition.Edition, error) {
	list, err := d.AndCorrections(ctx)
	return edition.Weekly(list), err
}

// AndCorrections lists the recorded editions, and their corrections.
func (d *Desk) AndCorrections(ctx context.Context) ([]edition.Edition, error) {
	if d.in.Editions == nil {
		return nil, nil
	}
	return d.in.Editions.List(ctx)
}

// Edition is a week's edition as recorded; edition.ErrNotFound when there is none.
func (d *Desk) Edition(ctx context.Context, w edition.Week) (edition.Edition, error) {
	if d.in.Editions == nil {
		return edition.Edition{}, ErrNoDatabase
	}
	return d.in.Editions.Find(ctx, w)
}
