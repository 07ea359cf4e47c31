package web

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
)

// embedView is the page that says how another site embeds the sign-up form.
type embedView struct {
	Snippet    string // HTML to paste
	Directives string // of that site's Content Security Policy
	Size       int    // of the script, in bytes
}

func (s *server) embedPage(_ *http.Request, now *shown) (string, recipe, error) {
	return "/embed", func(context.Context) (*page.Answer, error) {
		form := formView{Topics: topicsOf(s.topics(now), nil)}
		snippet, err := s.kit.Render("embed", "snippet", s.layout("embed", content{Form: form}))
		if err != nil {
			return nil, err
		}
		origin := s.base.Scheme + "://" + s.base.Host
		return s.answer("embed", content{Title: "The sign-up form, on your page", Path: "/embed", Data: embedView{
			Snippet:    string(snippet),
			Directives: fmt.Sprintf("script-src %s; connect-src %s; form-action %s", origin, origin, origin),
			Size:       len(s.script.Body),
		}})
	}, nil
}

// embedScript is served to other sites' pages, those with
// Cross-Origin-Embedder-Policy among them (Fetch, "cross-origin resource policy
// check").
func (s *server) embedScript(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	s.script.ServeHTTP(w, r)
}

// loadEmbed reads the script, and the words that readers agree to.
func (s *server) loadEmbed() error {
	script, err := fs.ReadFile(s.Templates, "pages/subscribe.js")
	if err != nil {
		return fmt.Errorf("read the embedded form's script: %w", err)
	}
	s.script = page.NewAnswer("text/javascript; charset=utf-8", keepDay, script)
	consent, err := s.kit.Render("subscribe", "consent", s.layout("subscribe", content{}))
	if err != nil {
		return err
	}
	text := s.Site.Name + ": " + strings.TrimSpace(string(consent))
	s.wording = subscribers.WordingVersion(text)
	if s.List != nil {
		s.List.UseWording(text)
	}
	return nil
}

// sourceOf is the page that a sign-up came from. A browser vouches for the site of
// a page elsewhere, the page itself says its path.
func (s *server) sourceOf(r *http.Request, said string) string {
	origin := r.Header.Get("Origin")
	switch {
	case !s.origins.allowed[origin]:
		return cleanSource(said)
	case strings.HasPrefix(said, origin+"/") && cleanSource(said) == said:
		return said
	}
	return origin
}

// agreedTo is the version of the wording that a form says it showed, or "": a
// client without a form has words of its own.
func agreedTo(version string) string {
	if len(version) != len(subscribers.WordingVersion("")) || strings.Trim(version, "0123456789abcdef") != "" {
		return ""
	}
	return version
}
