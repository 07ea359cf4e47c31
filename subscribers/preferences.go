package subscribers

import (
	"context"
	"fmt"
	"time"
)

// maxPause is how long a reader may pause at a time.
const maxPause = 366 * 24 * time.Hour

// Paused reports whether the reader gets no digest at the time.
func (s Subscriber) Paused(at time.Time) bool { return at.Before(s.PausedUntil) }

// GetsDigests reports whether the subscriber gets a digest that is frozen at a time, if
// it has something of their topics.
func (s Subscriber) GetsDigests(at time.Time) bool { return s.Mailable() && !s.Paused(at) }

// Pause gives the subscriber paused until a time; one that is past, or zero,
// ends a pause. It fails with an *AddressError for a pause of more than a year.
func (s Subscriber) Pause(until, at time.Time) (Subscriber, error) {
	if until.Sub(at) > maxPause {
		return s, &AddressError{Field: "pause", Message: "A pause is at most a year long"}
	}
	if s.PausedUntil = until; !until.After(at) {
		s.PausedUntil = time.Time{}
	}
	return s, nil
}

// Choose gives the subscriber with what they chose of the name, the topics and the
// pause: nothing else of theirs is a reader's to set.
func (s Subscriber) Choose(chosen Subscriber) Subscriber {
	s.Name, s.Categories, s.PausedUntil = chosen.Name, chosen.Categories, chosen.PausedUntil
	return s
}

// Links are the database's links in mails.
func (s *Service) Links(ctx context.Context) (Links, error) {
	secret, err := s.list.Secret(ctx)
	if err != nil {
		return Links{}, err
	}
	return NewLinks(secret), nil
}

// ByLink finds whose token for the purpose it is, or ErrNotFound. Whoever has
// the token may not be the reader: a page behind it shows no address and no name.
func (s *Service) ByLink(ctx context.Context, p Purpose, token string) (Subscriber, error) {
	links, err := s.Links(ctx)
	if err != nil {
		return Subscriber{}, err
	}
	id, err := links.Subscriber(p, token)
	if err != nil {
		return Subscriber{}, err
	}
	return s.list.ByID(ctx, id)
}

// SetTopics sets the categories that the reader wants; none are all. It fails
// with ErrNotFound, or an *AddressError for what can be no categories.
func (s *Service) SetTopics(ctx context.Context, token string, categories []string) (Subscriber, error) {
	categories, err := cleanCategories(categories)
	if err != nil {
		return Subscriber{}, err
	}
	return s.prefer(ctx, token, func(sub Subscriber) (Subscriber, error) {
		sub.Categories = categories
		return sub, nil
	})
}

// Pause has the reader get no digest until a time; zero ends a pause. It fails
// with ErrNotFound, or with an *AddressError for a time too far ahead.
func (s *Service) Pause(ctx context.Context, token string, until time.Time) (Subscriber, error) {
	return s.prefer(ctx, token, func(sub Subscriber) (Subscriber, error) { return sub.Pause(until, s.now()) })
}

func (s *Service) prefer(ctx context.Context, token string, change func(Subscriber) (Subscriber, error)) (Subscriber, error) {
	sub, err := s.ByLink(ctx, PurposePreferences, token)
	if err != nil {
		return Subscriber{}, err
	}
	if sub, err = s.list.Change(ctx, sub.ID, change); err != nil {
		return Subscriber{}, fmt.Errorf("change preferences: %w", err)
	}
	return sub, nil
}

// Preferences keeps what readers choose.
type Preferences interface {
	Secret(ctx context.Context) ([]byte, error)             // 32 bytes, the same for the database's life
	ByID(ctx context.Context, id int64) (Subscriber, error) // ErrNotFound
	// Change saves what change makes of the name, the categories and the pause.
	Change(ctx context.Context, id int64, change func(Subscriber) (Subscriber, error)) (Subscriber, error)
}
