package web

import (
	"fmt"
	"io/fs"
	"net/http"
)

// assets are the files that pages refer to, read once.
type assets struct {
	css     []byte
	cssName string // holds the content's hash, so that it may be kept for ever
	icon    []byte
}

func loadAssets(templates fs.FS) (assets, error) {
	var css []byte
	for _, name := range []string{"pages/tokens.css", "pages/site.css"} {
		b, err := fs.ReadFile(templates, name)
		if err != nil {
			return assets{}, fmt.Errorf("read the pages' style sheet: %w", err)
		}
		css = append(css, b...)
	}
	icon, err := fs.ReadFile(templates, "pages/favicon.svg")
	if err != nil {
		return assets{}, fmt.Errorf("read the pages' icon: %w", err)
	}
	return assets{css: css, cssName: "site." + shortHash(css) + ".css", icon: icon}, nil
}

func (s *server) asset(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("file") != s.assets.cssName {
		return errNotFound
	}
	s.serveBytes(w, r, "text/css; charset=utf-8", "public, max-age=31536000, immutable", s.assets.css)
	return nil
}

func (s *server) favicon(w http.ResponseWriter, r *http.Request) error {
	s.serveBytes(w, r, "image/svg+xml", "public, max-age=86400", s.assets.icon)
	return nil
}
