package edition

import (
	"context"
	"time"
)

// An Act is what somebody did to a week.
type Act struct {
	At     time.Time
	By     string
	What   string // "approved", "held"
	Detail string
}

// A Note is what an editor wants looked at before a week is approved.
type Note struct {
	ID         int64
	Slug       string // of a comparison; "" is the week as a whole
	Text       string
	By         string
	At         time.Time
	ResolvedBy string
	ResolvedAt time.Time // zero: open
}

// Open reports whether nobody has resolved it.
func (n Note) Open() bool { return n.ResolvedAt.IsZero() }

// A Book keeps what is done, noted and approved at the desk.
type Book interface {
	Acts
	Notes
	Approvals
}

// Acts keeps who did what.
type Acts interface {
	// Acts gives what was done to a week, the newest first.
	Acts(ctx context.Context, w Week) ([]Act, error)
	Record(ctx context.Context, w Week, a Act) error
}

// Notes keeps what editors note.
type Notes interface {
	// Notes gives a week's notes, the oldest first.
	Notes(ctx context.Context, w Week) ([]Note, error)
	AddNote(ctx context.Context, w Week, n Note) error
	ResolveNote(ctx context.Context, w Week, id int64, by string, at time.Time) error
}

// Approvals keeps who approves which content.
type Approvals interface {
	Approvals(ctx context.Context, w Week, hash string) ([]string, error)
	AddApproval(ctx context.Context, w Week, hash, by string, at time.Time) error
	// DropApprovals forgets the approvals of a week, whatever their content.
	DropApprovals(ctx context.Context, w Week) error
}
