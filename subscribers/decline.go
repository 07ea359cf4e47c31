package subscribers

import (
	"context"
	"errors"
	"time"
)

// PurposeDecline is to say that a sign-up was not one's own, by the link in its
// confirmation mail.
const PurposeDecline Purpose = "decline"

// DeclinedFor is how long the form asks a mailbox no more that has declined. Nobody
// can tell who types an address into it: who changes their mind sooner confirms by an
// operator's `subscribers add`.
const DeclinedFor = 30 * 24 * time.Hour

// Decline is what becomes of a subscriber who says that a sign-up was not theirs.
type Decline struct {
	Erase bool // who never confirmed: nothing is kept but the mailbox's hash, for the limits
}

// Decline fails with ErrExists for who has confirmed: to leave is another link's purpose.
// Who had left keeps that, and the links of the sign-up work no more.
func (s Subscriber) Decline() (Decline, error) {
	if s.Status == Active {
		return Decline{}, ErrExists
	}
	return Decline{Erase: s.Status == Pending}, nil
}

// DeclineInfo tells whether a link to decline may be used, and changes nothing. It fails
// with ErrNotFound for what is no such link, and with ErrExists for who has confirmed.
// Whose sign-up is gone already has declined it.
func (s *Service) DeclineInfo(ctx context.Context, token string) error {
	_, _, err := s.declining(ctx, token)
	return err
}

// Decline takes a sign-up back, as its own reader's will. It fails like DeclineInfo.
func (s *Service) Decline(ctx context.Context, token string) error {
	id, gone, err := s.declining(ctx, token)
	if err != nil || gone {
		return err
	}
	switch err := s.signUps.Decline(ctx, id, s.now()); {
	case errors.Is(err, ErrNotFound): // two clicks at once
		return nil
	case err != nil:
		return err
	}
	s.log.InfoContext(ctx, "sign-up declined", "subscriber", id)
	return nil
}

func (s *Service) declining(ctx context.Context, token string) (id int64, gone bool, err error) {
	links, err := s.Links(ctx)
	if err != nil {
		return 0, false, err
	}
	if id, err = links.Subscriber(PurposeDecline, token); err != nil {
		return 0, false, err
	}
	sub, err := s.list.ByID(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return id, true, nil
	}
	if err == nil {
		_, err = sub.Decline()
	}
	return id, false, err
}
