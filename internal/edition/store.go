package edition

import (
	"context"
	"time"
)

// A Store keeps editions, one a week.
type Store interface {
	// InsertEdition makes the edition of e.Week in state e.State (draft, skipped
	// or missed) unless the week has one, and gives the edition as it is then;
	// created says which. Of any number of callers, one creates.
	InsertEdition(ctx context.Context, e Edition) (got Edition, created bool, err error)
	// Edition fails with ErrNotFound when the week has none.
	Edition(ctx context.Context, w Week) (Edition, error)
	// Editions lists all editions, the oldest week first.
	Editions(ctx context.Context) ([]Edition, error)
	// ReviseEdition replaces the edition's content; see Revision.
	ReviseEdition(ctx context.Context, w Week, r Revision) (Edition, error)
	// ChangeEdition gives the week's edition to change and keeps what that
	// returns, in one transaction; an error of change undoes it. The deliveries
	// of an edition that is cancelled leave the queue in the same transaction.
	ChangeEdition(ctx context.Context, w Week, change func(Edition) (Edition, error)) (Edition, error)
	// MoveEdition changes the state along the table of transitions, else fails
	// with ErrState. Approval and sending have their own ways: ApproveEdition,
	// and the freeze.
	MoveEdition(ctx context.Context, w Week, to State, at time.Time) error
}

// A Desk keeps what people decide about an edition and what they look at.
type Desk interface {
	// ApproveEdition approves the content with this hash, by whom. It fails with
	// ErrChanged when the current build has another, ErrNotBuilt when there is
	// none, ErrState when the state has no place for it. A held edition is
	// released by it. Approving twice is no error.
	ApproveEdition(ctx context.Context, w Week, hash, by string) error
	// PauseEdition notes why a sending edition rests; "" lets it go on.
	PauseEdition(ctx context.Context, w Week, reason string) error
	// EditionBuilds gives the last builds (KeepBuilds at most), the newest,
	// which is the current one, first.
	EditionBuilds(ctx context.Context, w Week) ([]Build, error)
	// EditionMessage gives the frozen message, ErrNotFound before the freeze.
	EditionMessage(ctx context.Context, w Week) ([]byte, error)
}

// KeepBuilds is how many builds of an edition are kept for comparing.
const KeepBuilds = 5

// A Revision is the outcome of one build.
//
// The content of a draft, approved or held edition is replaced; a skipped or
// missed one becomes a draft. A build with another hash than the approved one
// voids the approval: an approved edition goes back to draft, a held one stays
// held. Without a build there is nothing to send: the edition becomes skipped,
// or stays held.
type Revision struct {
	Slot    time.Time
	Since   time.Time
	Cutoff  time.Time
	Items   []Item
	Carried []Item
	Build   *Build
	At      time.Time // when it was made
}
