package subscribers

import (
	"context"
	"time"
)

// The purposes of a fresh link, which is mailed to a reader who asks for it and
// works for an hour, once: what a forwarded digest must not allow.
const (
	PurposeAddress    Purpose = "address"     // change the address or the name
	PurposeNewAddress Purpose = "new-address" // confirms the new address, and is mailed to it
	PurposeAbout      Purpose = "about"       // what is known about the reader
	PurposeErase      Purpose = "erase"
)

// FreshFor is how long a fresh link works, FreshKept how long it is remembered
// after that; a mailbox of a reader is mailed at most FreshMax of them in
// FreshEvery, whoever asks. The link to a new address goes to another mailbox:
// whoever mistyped it can ask again.
const (
	FreshFor   = time.Hour
	FreshKept  = 24 * time.Hour
	FreshMax   = 3
	FreshEvery = 24 * time.Hour
)

// MayMailLink is nil when a mailbox that was mailed this many links in the last
// FreshEvery may be mailed another: else ErrLimited.
func MayMailLink(lately int) error {
	if lately >= FreshMax {
		return ErrLimited
	}
	return nil
}

// A FreshLink is the record of one.
type FreshLink struct {
	Subscriber Subscriber
	Purpose    Purpose
	Address    string // of PurposeNewAddress: the one to change to
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: not yet
}

// Check is nil when the link may be used for the purpose: else ErrNotFound,
// ErrUsed or ErrExpired.
func (l FreshLink) Check(p Purpose, at time.Time) error {
	switch {
	case l.Purpose != p:
		return ErrNotFound
	case !l.UsedAt.IsZero():
		return ErrUsed
	case !at.Before(l.ExpiresAt):
		return ErrExpired
	}
	return nil
}

// MayMoveHere is nil when a reader who confirms from this mailbox may move their
// subscription to it: else ErrSuppressed or ErrExists. Somebody who is pending
// here, or has left, is the same person.
func (k Known) MayMoveHere() error {
	switch {
	case k.Reason().OutlivesConfirmation():
		return ErrSuppressed
	case k.Found && k.Subscriber.Status == Active:
		return ErrExists
	}
	return nil
}

// An About is what is known about a reader, for them to read.
type About struct {
	Subscriber Subscriber
	Events     []Event
	Consents   []Proof
}

// FreshLinks keeps fresh links. Each act uses its link in the act's transaction,
// and fails like FreshLink.Check.
type FreshLinks interface {
	FreshLinkAsker
	FreshLinkActs
}

// FreshLinkAsker has links mailed, and finds them.
type FreshLinkAsker interface {
	// AskFreshLink writes the event that has a link mailed; ErrLimited when the
	// reader was mailed FreshMax lately.
	AskFreshLink(ctx context.Context, id int64, p Purpose, at time.Time) error
	FreshLink(ctx context.Context, hash [32]byte) (FreshLink, error)
}

// FreshLinkActs does what a fresh link is for.
type FreshLinkActs interface {
	// UseFreshLink uses a link and does no more.
	UseFreshLink(ctx context.Context, hash [32]byte, p Purpose, at time.Time) (Subscriber, error)
	// ChangeByLink changes the name and has a link mailed to the new address,
	// unless that is nil, the reader's, or suppressed.
	ChangeByLink(ctx context.Context, hash [32]byte, name string, to *Address, at time.Time) (Subscriber, error)
	// MoveByLink changes the address to the link's, and tells the old one. It fails
	// like MayMoveHere too.
	MoveByLink(ctx context.Context, hash [32]byte, at time.Time) (Subscriber, error)
	EraseByLink(ctx context.Context, hash [32]byte, at time.Time) error
}

// AskFreshLink has a link for the purpose mailed to the reader of a link to the
// preferences. The mail goes to the reader, whoever asks.
func (s *Service) AskFreshLink(ctx context.Context, preferences string, p Purpose) error {
	if p != PurposeAddress && p != PurposeAbout && p != PurposeErase {
		return ErrNotFound
	}
	sub, err := s.ByLink(ctx, PurposePreferences, preferences)
	if err != nil {
		return err
	}
	return s.list.AskFreshLink(ctx, sub.ID, p, s.now())
}

// FreshLinkInfo tells what a fresh link is for and whose it is; it changes
// nothing, and fails like FreshLink.Check.
func (s *Service) FreshLinkInfo(ctx context.Context, raw string) (FreshLink, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return FreshLink{}, err
	}
	l, err := s.list.FreshLink(ctx, t.Hash())
	if err != nil {
		return FreshLink{}, err
	}
	return l, l.Check(l.Purpose, s.now())
}

// About uses a link to what is known about its reader.
func (s *Service) About(ctx context.Context, raw string) (About, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return About{}, err
	}
	sub, err := s.list.UseFreshLink(ctx, t.Hash(), PurposeAbout, s.now())
	if err != nil {
		return About{}, err
	}
	events, err := s.list.Events(ctx, sub.ID)
	if err != nil {
		return About{}, err
	}
	proofs, err := s.Consents(ctx, sub)
	return About{Subscriber: sub, Events: events, Consents: proofs}, err
}

// ChangeAddress uses a link to change the name and the address. The address
// changes when its own mailbox confirms it with MoveTo. "" keeps the address.
func (s *Service) ChangeAddress(ctx context.Context, raw, name, email string) (Subscriber, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return Subscriber{}, err
	}
	var to *Address
	if email != "" {
		a, err := ParseAddress(email)
		if err != nil {
			return Subscriber{}, err
		}
		to = &a
	}
	return s.list.ChangeByLink(ctx, t.Hash(), CleanName(name), to, s.now())
}

// MoveTo uses the link that was mailed to a new address.
func (s *Service) MoveTo(ctx context.Context, raw string) (Subscriber, error) {
	t, err := ParseToken(raw)
	if err != nil {
		return Subscriber{}, err
	}
	return s.list.MoveByLink(ctx, t.Hash(), s.now())
}

// EraseByLink uses a link to erase its reader.
func (s *Service) EraseByLink(ctx context.Context, raw string) error {
	t, err := ParseToken(raw)
	if err != nil {
		return err
	}
	return s.list.EraseByLink(ctx, t.Hash(), s.now())
}
