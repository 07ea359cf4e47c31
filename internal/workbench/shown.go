package workbench

import (
	"context"
	"sync"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
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
	as      string // the reader
	by      string // the editor who saw it; "" before that
	preview desk.Preview
}

// keepShown is how many mails are remembered; one has about 100 KB.
const keepShown = 40

func newShown() *shown { return &shown{} }

func (s *shown) add(x seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.list); n > 0 {
		last := s.list[n-1]
		if last.week == x.week && last.as == x.as && last.by == x.by && last.preview.Build.Hash == x.preview.Build.Hash {
			s.list[n-1] = x
			return
		}
	}
	s.list = append(s.list, x)
	s.list = s.list[max(0, len(s.list)-keepShown):]
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

// before gives the last mail with another content that this editor saw.
func (s *shown) before(w edition.Week, by, hash string) (edition.Build, bool) {
	x, ok := s.find(func(x seen) bool { return x.week == w && x.by == by && x.preview.Build.Hash != hash })
	return x.preview.Build, ok
}

// build builds a week's mail for a reader, "" for a made-up one. With an error
// it gives the last good one, if there is any.
func (s *server) build(ctx context.Context, w edition.Week, as, by string) (p desk.Preview, err error) {
	var reader *message.Reader
	if as != "" {
		if reader, err = s.Desk.Reader(ctx, as); err != nil {
			return p, err
		}
	}
	if _, err = s.Library.Refresh(); err == nil {
		p, err = s.Desk.Preview(ctx, w, reader)
	}
	if err != nil {
		if last, ok := s.shown.find(func(x seen) bool { return x.week == w && x.as == as }); ok {
			p = last.preview
		}
		return p, err
	}
	if !p.Selection.Nothing() {
		s.shown.add(seen{week: w, as: as, by: by, preview: p})
	}
	return p, nil
}

// mailOf gives the mail of this hash as it was shown, else as it is now.
func (s *server) mailOf(ctx context.Context, w edition.Week, as, hash string) (render.Rendered, edition.Build, error) {
	if x, ok := s.shown.find(func(x seen) bool { return x.week == w && x.as == as && x.preview.Build.Hash == hash }); ok {
		return x.preview.Rendered, x.preview.Build, nil
	}
	p, err := s.build(ctx, w, as, "")
	return p.Rendered, p.Build, err
}
