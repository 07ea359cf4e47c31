package editors

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"verdicts.example/digest/internal/edition"
)

// Parts are what a Service works with.
type Parts struct {
	Store  Store
	Roster func() Roster                                                    // as the settings have them now
	State  func(ctx context.Context, w edition.Week) (edition.State, error) // of a week's edition; "" while there is none
	Now    func() time.Time
	Log    *slog.Logger
}

// A Service says who works at the desk. It is safe for concurrent use. Run mails
// the links that were asked for.
type Service struct {
	in   Parts
	asks chan ask
}

// An ask is for a link.
type ask struct{ address, next string }

// asksAtOnce is how many asks wait to be worked on.
const asksAtOnce = 64

// New makes a service.
func New(p Parts) *Service { return &Service{in: p, asks: make(chan ask, asksAtOnce)} }

// Ask has a link mailed to an address if it is an editor's. It returns at once,
// and alike for every address: the work is done by Run. It fails with ErrBusy.
func (s *Service) Ask(address, next string) error {
	select {
	case s.asks <- ask{address, next}:
		return nil
	default:
		return ErrBusy
	}
}

// Run ends the sessions of those who are no editors any more, and mails links
// until ctx ends.
func (s *Service) Run(ctx context.Context) {
	if err := s.in.Store.EndSessions(ctx, s.in.Roster(), s.in.Now()); err != nil && ctx.Err() == nil {
		s.in.Log.Error("can't end the sessions of somebody who is no longer an editor", "error", err)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-s.asks:
			s.mail(ctx, a)
		}
	}
}

func (s *Service) mail(ctx context.Context, a ask) {
	editor, ok := s.in.Roster().Find(a.address)
	if !ok {
		s.in.Log.Info("a login link was asked for by an address that is not among the editors")
		return
	}
	switch err := s.in.Store.Ask(ctx, editor, a.next, s.in.Now()); {
	case errors.Is(err, ErrLimited):
		s.in.Log.Warn("an editor asks for too many login links; no more are mailed for now", "most", AskMost, "in", AskEvery)
	case err != nil && ctx.Err() == nil:
		s.in.Log.Error("a login link was not mailed", "error", err)
	}
}

// Link looks at a link and changes nothing; it fails with ErrNotFound, ErrUsed
// or ErrExpired.
func (s *Service) Link(ctx context.Context, token string) (Link, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Link{}, err
	}
	l, err := s.in.Store.Link(ctx, t.Hash())
	if err != nil {
		return l, err
	}
	if _, ok := s.in.Roster().Find(l.Editor); !ok {
		return l, ErrNotFound
	}
	return l, l.Check(s.in.Now())
}

// LogIn uses a link and begins a session. Its token is a fresh one always, for
// the browser's cookie.
func (s *Service) LogIn(ctx context.Context, token, browser string) (Token, Link, error) {
	l, err := s.Link(ctx, token)
	if err != nil {
		return Token{}, l, err
	}
	link, err := ParseToken(token)
	if err != nil {
		return Token{}, l, err
	}
	at, key := s.in.Now(), NewToken()
	const most = 200
	if len(browser) > most {
		browser = browser[:most]
	}
	began := Session{Editor: l.Editor, Browser: browser, BeganAt: at, SeenAt: at, ExpiresAt: at.Add(SessionFor)}
	_, err = s.in.Store.LogIn(ctx, link.Hash(), began, key.Hash(), at)
	return key, l, err
}

// Session gives the session of a cookie; ErrNotFound and ErrOver say that there
// is none.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Session{}, err
	}
	x, err := s.in.Store.Session(ctx, t.Hash())
	if err != nil {
		return x, err
	}
	at := s.in.Now()
	if err := x.Check(s.in.Roster(), at); err != nil {
		s.endForGood(ctx, x, at)
		return x, err
	}
	if at.Sub(x.SeenAt) >= SeenEvery {
		if err := s.in.Store.Seen(ctx, x.ID, at); err != nil {
			s.in.Log.Warn("can't keep when a session was last seen", "error", err)
		}
	}
	return x, nil
}

// endForGood ends the session of whoever is no longer an editor: it does not come
// back with them.
func (s *Service) endForGood(ctx context.Context, x Session, at time.Time) {
	if !at.Before(x.ExpiresAt) {
		return
	}
	if err := s.in.Store.EndSession(ctx, x.Editor, x.ID); err != nil {
		s.in.Log.Error("can't end the session of somebody who is no longer an editor", "error", err)
	}
}

// Sessions lists an editor's sessions.
func (s *Service) Sessions(ctx context.Context, editor string) ([]Session, error) {
	return s.in.Store.Sessions(ctx, editor, s.in.Now())
}

// EndSession ends one of an editor's sessions.
func (s *Service) EndSession(ctx context.Context, editor string, id int64) error {
	return s.in.Store.EndSession(ctx, editor, id)
}

// Share makes a link for a reviewer. Only whoever makes it gets to see its token.
func (s *Service) Share(ctx context.Context, w edition.Week, by string) (Token, error) {
	t := NewToken()
	return t, s.in.Store.AddShare(ctx, Share{Week: w, By: by, MadeAt: s.in.Now()}, t.Hash())
}

// Reviewer gives the share of a link; ErrNotFound and ErrOver say that there is
// none.
func (s *Service) Reviewer(ctx context.Context, token string) (Share, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Share{}, err
	}
	x, err := s.in.Store.Share(ctx, t.Hash())
	if err != nil {
		return x, err
	}
	state, err := s.in.State(ctx, x.Week)
	if err != nil {
		return x, err
	}
	return x, x.Check(state)
}

// Shares lists a week's links for reviewers.
func (s *Service) Shares(ctx context.Context, w edition.Week) ([]Share, error) {
	return s.in.Store.Shares(ctx, w)
}

// EndShare ends a link of a week.
func (s *Service) EndShare(ctx context.Context, w edition.Week, id int64, by string) error {
	return s.in.Store.EndShare(ctx, w, id, by, s.in.Now())
}
