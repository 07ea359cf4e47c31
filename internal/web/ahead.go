package web

import (
	"context"
	"net/http"
	"strings"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// Ahead makes the site's pages as they will be once an edition is out, for an
// editor to look at in a frame: the archive, the comparisons, the first page, with
// what they load. Whatever else is asked for is not there, no form goes anywhere
// and no script runs. The list is not needed.
func Ahead(d Deps, e edition.Edition, b edition.Build) (http.Handler, error) {
	e.State = edition.Sent
	d.Editions, d.List, d.Desk, d.Mailbox, d.Inbound, d.Recorder = alone{e, b}, nil, nil, nil, nil, nil
	site, err := New(d)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch first {
		case "", "archive", "compare", "assets", "favicon.svg":
			site.ServeHTTP(&framed{ResponseWriter: w}, r)
		default:
			http.NotFound(w, r)
		}
	}), nil
}

// alone is the only edition that there is.
type alone struct {
	edition edition.Edition
	build   edition.Build
}

// List gives the one edition.
func (a alone) List(context.Context) ([]edition.Edition, error) {
	return []edition.Edition{a.edition}, nil
}

// Builds gives its content.
func (a alone) Builds(_ context.Context, w edition.Week) ([]edition.Build, error) {
	if w != a.edition.Week {
		return nil, edition.ErrNotFound
	}
	return []edition.Build{a.build}, nil
}

// framed lets this site's own pages show an answer in a frame, with nothing in it
// that runs or posts.
type framed struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader writes the headers as a frame's page has them.
func (f *framed) WriteHeader(status int) {
	if !f.begun {
		f.begun = true
		page.Frameable(f.Header())
		f.Header().Set("Cache-Control", page.NoStore) // it is not out yet
		f.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	}
	f.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the answer.
func (f *framed) Write(b []byte) (int, error) {
	if !f.begun {
		f.WriteHeader(http.StatusOK)
	}
	return f.ResponseWriter.Write(b)
}
