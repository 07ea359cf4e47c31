package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/fetch"
)

// A Fetcher gets a feed; *fetch.Client is one.
type Fetcher interface {
	GetNewer(ctx context.Context, url string, have fetch.Version) ([]byte, fetch.Version, error)
}

var _ Fetcher = (*fetch.Client)(nil)

// maxTaken is how many comparisons one pull writes. A feed cannot fill the
// folder in one go; what is left comes with the next pulls.
const maxTaken = 100

// A Puller takes new comparisons from a JSON Feed into the shelf's folder. It is
// for one goroutine.
type Puller struct {
	Shelf   *Shelf
	URL     string
	Fetcher Fetcher

	have fetch.Version // of the feed that was taken completely
}

// NewPuller makes a puller from a feed on the web, or on this network too where
// private addresses are allowed; nil where the URL is "".
func NewPuller(s *Shelf, url string, allowPrivate bool) *Puller {
	if url == "" {
		return nil
	}
	return &Puller{Shelf: s, URL: url, Fetcher: fetch.New(fetch.Options{AllowPrivate: allowPrivate})}
}

// A Report says what one pull found.
type Report struct {
	NotModified bool                    // the feed is what it was at the last pull
	Taken       []comparison.Comparison // written, in the feed's order
	Left        int                     // are new too, and wait for the next pull
	Known       int                     // are in the folder already, with the same content
	Changed     []Change                // differ from the folder's, which stay
	Problems    []comparison.Problem    // what is wrong with the rest of the feed
}

// A Change is a comparison that differs from the one in the folder.
type Change struct {
	Slug string
	File string // the folder's
}

// Pull fetches the feed if it has changed and writes what is new. The error is
// for a feed that could not be fetched, or a folder that could not be read or
// written; the Report holds what was done before.
func (p *Puller) Pull(ctx context.Context) (Report, error) {
	var r Report
	body, version, err := p.Fetcher.GetNewer(ctx, p.URL, p.have)
	if errors.Is(err, fetch.ErrNotModified) {
		r.NotModified = true
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("comparisons.feed: %w", err)
	}
	known, err := p.Shelf.Refresh()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	list, problems := comparison.ParseFeed(fetch.Shown(p.URL), body)
	r.Problems = problems
	p.Shelf.NoteFeed(problems)
	var errs []error
	for _, c := range list {
		errs = append(errs, p.takeItem(&r, known, c))
	}
	if err := errors.Join(errs...); err != nil {
		return r, err
	}
	if r.Left == 0 { // else, as after what could not be written, the feed is asked for again
		p.have = version
	}
	return r, nil
}

func (p *Puller) takeItem(r *Report, known *Snapshot, c comparison.Comparison) error {
	if old, err := known.Get(c.Slug); err == nil {
		same, err := sameContent(old, c)
		if err != nil {
			return err
		}
		if same {
			r.Known++
		} else {
			r.Changed = append(r.Changed, Change{c.Slug, old.File})
		}
		return nil
	}
	if len(r.Taken) >= maxTaken {
		r.Left++
		return nil
	}
	folder := p.Shelf.Folder()
	switch written, err := folder.Write(c, false); {
	case errors.Is(err, ErrExists): // a file that cannot be read as a comparison
		r.Changed = append(r.Changed, Change{c.Slug, folder.Path(c.Slug)})
	case err != nil:
		return err
	case written:
		r.Taken = append(r.Taken, c)
	default:
		r.Known++
	}
	return nil
}

func sameContent(a, b comparison.Comparison) (bool, error) {
	x, errA := a.EncodeYAML()
	y, errB := b.EncodeYAML()
	return bytes.Equal(x, y), errors.Join(errA, errB)
}
