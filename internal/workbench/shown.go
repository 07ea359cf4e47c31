package workbench

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
)

// shown remembers the mails that editors have seen: so that a frame shows the
// same build as the page around it, that an approval of an older one can say
// what changed, and that a broken template leaves the last good mail.
type shown struct {
	mu   sync.Mutex
	list []seen // the newest last
}

// A seen mail is one that was shown to somebody.
type seen struct {
	week    edition.Week
	as      audience
	by      string // the editor who saw it; "" before that
	preview desk.Preview
}

// keepShown is how many mails are remembered; one has about 100 KB.
const keepShown = 40

func newShown() *shown { return &shown{} }

// add remembers a mail and reports whether it is what its editor saw last of the
// week anyhow.
func (s *shown) add(x seen) (known bool) {
	last, ok := s.find(func(old seen) bool { return old.week == x.week && old.by == x.by })
	known = ok && last.preview.Build.Hash == x.preview.Build.Hash
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(old seen) bool {
		return old.week == x.week && old.as == x.as && old.by == x.by && old.preview.Build.Hash == x.preview.Build.Hash
	})
	s.list = append(s.list, x)
	s.list = s.list[max(0, len(s.list)-keepShown):]
	return known
}

// find gives the newest that matches.
func (s *shown) find(match func(seen) bool) (seen, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.list) - 1; i >= 0; i-- {
		if match(s.list[i]) {
			return s.list[i], true
		}
	}
	return seen{}, false
}

// before gives the last mail with another content that this editor saw;
// edition.ErrNotFound when there is none.
func (s *server) before(ctx context.Context, w edition.Week, by, hash string) (edition.Build, error) {
	b, err := s.Desk.By(by).SeenBefore(ctx, w, hash)
	if !errors.Is(err, desk.ErrNoDatabase) {
		return b, err
	}
	x, ok := s.shown.find(func(x seen) bool { return x.week == w && x.by == by && x.preview.Build.Hash != hash })
	if !ok {
		return edition.Build{}, edition.ErrNotFound
	}
	return x.preview.Build, nil
}

// remember keeps what an editor sees. The page does not fail for it.
func (s *server) remember(ctx context.Context, x seen) {
	if s.shown.add(x) {
		return
	}
	if err := s.Desk.By(x.by).See(ctx, x.preview.Build); err != nil {
		s.Logger.Warn("can't record what an editor has seen", "error", err)
	}
}

// An audience is for whom a mail is: a reader of the list, or a made-up one who
// chose topics, one a line; none is all.
type audience struct{ reader, topics string }

// audienceOf is what a request asks for; a reviewer sees no reader's values.
func (s *server) audienceOf(r *http.Request) audience {
	q := r.URL.Query()
	a := audience{q.Get("as"), strings.Join(q["topic"], "\n")}
	switch {
	case s.who(r).ReadOnly:
		a = audience{}
	case !q.Has("as") && a.topics == "":
		a.reader = s.Reader
	}
	return a
}

func (a audience) list() []string {
	if a.topics == "" {
		return nil
	}
	return strings.Split(a.topics, "\n")
}

// build builds a week's mail for an audience. With an error it gives the last good
// one, if there is any.
func (s *server) build(ctx context.Context, w edition.Week, as audience, by string) (p desk.Preview, err error) {
	var reader *message.Reader
	if as.reader != "" {
		if reader, err = s.Desk.Reader(ctx, as.reader); err != nil {
			return p, err
		}
	}
	if _, err = s.Library.Refresh(); err == nil {
		p, err = s.Desk.Preview(ctx, w, reader, as.list()...)
	}
	if err != nil {
		if last, ok := s.shown.find(func(x seen) bool { return x.week == w && x.as == as }); ok {
			p = last.preview
		}
		return p, err
	}
	if !p.Selection.Nothing() {
		s.remember(ctx, seen{week: w, as: as, by: by, preview: p})
	}
	return p, nil
}

// previewOf gives the mail of this hash as it was shown, else as it is now.
func (s *server) previewOf(ctx context.Context, w edition.Week, as audience, hash string) (desk.Preview, error) {
	if x, ok := s.shown.find(func(x seen) bool { return x.week == w && x.as == as && x.preview.Build.Hash == hash }); ok {
		return x.preview, nil
	}
	return s.build(ctx, w, as, "")
}
