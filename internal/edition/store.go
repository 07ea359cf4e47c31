package edition

import (
	"context"
	"time"
)

// A Store keeps editions, one a week.
type Store interface {
	// Insert makes the edition of e.Week with e's state and window (see
	// Insertable; its content comes with Revise), unless the week has one, and gives the edition as it is then;
	// created says which. Of any number of callers, one creates.
	Insert(ctx context.Context, e Edition) (got Edition, created bool, err error)
	// Find fails with ErrNotFound when the week has none.
	Find(ctx context.Context, w Week) (Edition, error)
	// List gives all editions and corrections (see Weekly); the editions stand in the
	// order of their weeks.
	List(ctx context.Context) ([]Edition, error)
	// Change gives the week's edition to change and keeps what that
	// returns, in one transaction; an error of change undoes it. The deliveries
	// of an edition that is cancelled leave the queue in the same transaction.
	Change(ctx context.Context, w Week, change func(Edition) (Edition, error)) (Edition, error)
	// Revise is Change by Revise, and keeps the build too.
	Revise(ctx context.Context, w Week, r Revision) (Edition, error)
}

// A Transactor makes one transaction of several writes.
type Transactor interface {
	// Together runs fn in one transaction: what fn does with its context, in
	// whatever the same database keeps, happens as a whole or not at all. Others
	// wait for it, so fn only reads and writes records. It may run several times: a
	// conflict undoes it, and it is tried again.
	Together(ctx context.Context, fn func(ctx context.Context) error) error
}

// A Keeper keeps what was rendered of an edition.
type Keeper interface {
	// Builds gives the last builds (KeepBuilds at most), the newest,
	// which is the current one, first.
	Builds(ctx context.Context, w Week) ([]Build, error)
	// Frozen gives the frozen variants, the first one first, ErrNotFound before
	// the freeze.
	Frozen(ctx context.Context, w Week) ([]Variant, error)
}

// A Mailed is an edition that a reader was to get.
type Mailed struct {
	Week     Week
	Subject  string
	Variant  int
	Accepted bool // a mail server took it
	At       time.Time
}

// Mails tells what went to whom.
type Mails interface {
	// Mailed gives what a reader was to get, the newest first. What was compacted is
	// not there any more.
	Mailed(ctx context.Context, reader int64) ([]Mailed, error)
}

// An Amender keeps corrections.
type Amender interface {
	// Amend keeps the correction of a paused edition, and says how many readers
	// get it: those who have not been mailed.
	Amend(ctx context.Context, w Week, a Amendment) (e Edition, waiting int64, err error)
	// Older counts the readers who have an edition in a version that was amended
	// since and may be mailed at a time; see delivery.Freeze.Corrects.
	Older(ctx context.Context, id int64, at time.Time) (int64, error)
}

// An EditStore keeps what editors decide, a set of edits a week.
type EditStore interface {
	// Edits gives a week's edits, the zero value when nothing was decided.
	Edits(ctx context.Context, w Week) (Edits, error)
	// SaveEdits keeps edits over those of version e.Version and gives them as
	// they are kept; see Edits.Next and Edition.Editable for its errors. The week
	// need not have an edition yet.
	SaveEdits(ctx context.Context, w Week, e Edits, by string, at time.Time) (Edits, error)
	// Savings gives every saving of a week's edits, the newest first.
	Savings(ctx context.Context, w Week) ([]Edits, error)
}

// KeepBuilds is how many builds of an edition are kept for comparing.
const KeepBuilds = 5
