package web

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/picture"
	"verdicts.example/digest/internal/wording"
)

// maxPictures bounds the pictures that are kept, in bytes.
const maxPictures = 16 << 20

// pictures are the previews of one state of the library: votes change none. One is
// drawn at a time, so that whoever asks for all of them takes one processor at most.
type pictures struct {
	painter *picture.Painter
	drawing chan struct{} // holds one token while a picture is drawn

	mu    sync.Mutex
	of    *library.Snapshot
	kept  map[string]*page.Answer
	bytes int
}

func newPictures(site string) (*pictures, error) {
	painter, err := picture.New(site)
	if err != nil {
		return nil, err
	}
	return &pictures{painter: painter, drawing: make(chan struct{}, 1)}, nil
}

// picture answers with a comparison's preview. The error is the context's where
// too many others are drawn first.
func (p *pictures) picture(ctx context.Context, of *library.Snapshot, c comparison.Comparison) (*page.Answer, error) {
	if a := p.find(of, c.Slug); a != nil {
		return a, nil
	}
	select {
	case p.drawing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.drawing }()
	if a := p.find(of, c.Slug); a != nil { // drawn for another visitor meanwhile
		return a, nil
	}
	body, err := p.painter.PNG(wording.Of(c))
	if err != nil {
		return nil, err
	}
	a := page.NewAnswer("image/png", keepFeed, body)
	p.keep(of, c.Slug, a)
	return a, nil
}

func (p *pictures) find(of *library.Snapshot, slug string) *page.Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of != of {
		return nil
	}
	return p.kept[slug]
}

func (p *pictures) keep(of *library.Snapshot, slug string, a *page.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes += len(a.Body); p.of != of || p.bytes > maxPictures {
		p.of, p.kept, p.bytes = of, map[string]*page.Answer{}, len(a.Body)
	}
	p.kept[slug] = a
}

// comparePage is a comparison as a page, as Markdown or as a preview picture.
func (s *server) comparePage(w http.ResponseWriter, r *http.Request) error {
	slug, asPicture := strings.CutSuffix(r.PathValue("slug"), ".png")
	if !asPicture {
		return s.kept(s.compare)(w, r)
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return err
	}
	c, err := now.library.Get(slug)
	if err != nil || !s.isPublished(c) {
		return errNotFound
	}
	ctx, cancel := context.WithTimeout(r.Context(), renderFor)
	defer cancel()
	a, err := s.pictures.picture(ctx, now.library, c)
	if err != nil {
		return err
	}
	a.ServeHTTP(w, r)
	return nil
}

// A preview is what link previews show beside a page's title and description.
type preview struct {
	URL    string // of the picture, absolute
	Alt    string
	Width  int
	Height int
}

// previewOf is the preview of a comparison.
func (s *server) previewOf(v wording.Comparison) *preview {
	alt := v.Title
	if sum := v.Summary(); sum != "" {
		alt += ". " + sum
	}
	return &preview{URL: s.Site.BaseURL + "/compare/" + v.Slug + ".png", Alt: alt, Width: picture.Width, Height: picture.Height}
}
