package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/subscribers"
)

var _ Recorder = (*metrics.Metrics)(nil)

// everyPath reaches every route and every kind of error page.
func everyPath(token string) []string {
	return []string{
		"/", "/archive", "/archive/2026-W48", "/archive/2026-W49", "/compare/karpathy-coding-skills-vs-smolvlm2", "/compare/nothing",
		"/archive/2026-W48.md", "/compare/karpathy-coding-skills-vs-smolvlm2.md", "/feed.xml", "/feed.json", "/subscribe", "/subscribed", "/healthz", "/readyz", "/robots.txt", "/favicon.svg", "/favicon.ico", "/assets/x.css",
		"/confirm/" + token, "/unsubscribe/" + token, "/nowhere", "//x", "/unsubscribe/" + token + "/more",
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	token := r.active(t, "reader@example.org").Token.String()
	s := serve(t, r, func(d *Deps) { d.Site.BaseURL = "https://news.example.org" })
	for _, path := range everyPath(token) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			a := s.send(t, method, path, nil, "")
			csp := a.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s %s: got the policy %q, want %s in it", method, path, csp, want)
				}
			}
			if strings.Contains(csp, "script-src") || strings.Contains(csp, "unsafe-inline") && path != "/archive/2026-W48" {
				t.Errorf("%s %s: got the policy %q", method, path, csp)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=31536000",
			} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s %s: got %s %q, want %q", method, path, name, got, want)
				}
			}
			if got := a.Header.Get("Cache-Control"); strings.Contains(path, token) && got != "no-store" {
				t.Errorf("%s %s: got Cache-Control %q, want no-store", method, path, got)
			}
			if len(a.Header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s %s: got a cookie", method, path)
			}
		}
	}
}

// The editor's pages and the operator's counts are not on the public listener.
func TestNothingOfTheEditors(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t))
	for _, path := range []string{"/metrics", "/workbench", "/preview", "/admin", "/mailbox", "/debug/pprof/", "/debug/vars", "/explain", "/checks"} {
		wantStatus(t, s.get(t, path), http.StatusNotFound)
	}
	wantStatus(t, s.get(t, "/archive/2026-W49"), http.StatusNotFound) // a draft
	wantStatus(t, s.get(t, "/compare/not-yet"), http.StatusNotFound)  // published later
	if a := s.get(t, "/feed.json"); strings.Contains(a.body, "not-yet") {
		t.Error("got a comparison in the feed that is not published yet")
	}
}

// Whatever happens, what a visitor typed and what a link holds stay out of
// logs, metrics and error pages.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	m := metrics.New(version.Build{}, nil)
	record := func(d *Deps) { d.Recorder = m }
	s := serve(t, r, record)
	broken := serve(t, brokenList{}, record, func(d *Deps) {
		d.Ready = func(context.Context) error { return errors.New("database is locked") }
	})

	const typed = "somebody.private@example.org"
	confirm := r.link(t, "pending@example.org")
	token := r.active(t, "reader.private@example.org").Token.String()
	var pages strings.Builder
	for _, on := range []*site{s, broken} {
		for _, tok := range []string{token, confirm, subscribers.NewToken().String() + "SECRETPATH"} {
			for _, path := range everyPath(tok) {
				for _, method := range []string{http.MethodGet, http.MethodPost, "SECRETMETHOD"} {
					if a := on.send(t, method, path, head("User-Agent", typed, "Referer", "https://x.example/"+token), ""); a.StatusCode >= 400 {
						pages.WriteString(a.body)
					}
				}
			}
		}
		for _, accept := range []string{"text/html", "application/json"} {
			h := head("Content-Type", "application/x-www-form-urlencoded", "Accept", accept)
			a := on.send(t, http.MethodPost, "/subscribe?email="+typed, h, "email="+typed+"&name="+typed)
			if a.StatusCode >= 400 {
				pages.WriteString(a.body)
			}
			on.send(t, http.MethodPost, "/subscribe", h, "email=SECRETBAD@@"+typed)
		}
	}
	scrape := httptest.NewRecorder()
	m.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	counts, err := io.ReadAll(scrape.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(counts), `route="/unsubscribe/{token}"`) || !strings.Contains(broken.log.String(), "request failed") {
		t.Error("got no count or no log of what was done: the test looks at nothing")
	}
	for where, text := range map[string]string{"the log": s.log.String() + broken.log.String(), "the metrics": string(counts), "an error page": pages.String()} {
		for _, secret := range []string{token, confirm, "private", "pending@", "SECRET"} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("got %q in %s: …%s…", secret, where, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
}

// brokenList fails the way a careless lower layer would: with everything that
// it was given in the error. It panics where it can.
type brokenList struct{ List }

func (brokenList) SignUp(_ context.Context, s subscribers.SignUp) error {
	return errors.New("insert " + s.Email + ": disk is full")
}

func (brokenList) ByToken(_ context.Context, token string) (subscribers.Subscriber, error) {
	return subscribers.Subscriber{}, errors.New("no row for " + token)
}

func (brokenList) ConfirmInfo(_ context.Context, token string) (subscribers.Subscriber, error) {
	panic("lost " + token)
}

func (brokenList) Confirm(_ context.Context, token string) (subscribers.Subscriber, error) {
	panic(errors.New("lost " + token))
}

func (brokenList) Unsubscribe(_ context.Context, token, _ string) (subscribers.Subscriber, error) {
	return subscribers.Subscriber{}, errors.New("no row for " + token)
}

// A failure is a 500 page of ours, and a missing route or method a 404 or 405.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	s := serve(t, brokenList{}, func(d *Deps) {
		d.Ready = func(context.Context) error { return errors.New("database is locked") }
	})
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/confirm/x", 500}, {"POST", "/confirm/x", 500}, {"GET", "/unsubscribe/x", 500},
		{"GET", "/nowhere", 404}, {"GET", "/archive/2026-W99", 404}, {"GET", "/archive/2020-W01", 404}, {"GET", "/compare/..%2fx", 404},
		{"DELETE", "/", 405}, {"POST", "/archive", 405}, {"PUT", "/unsubscribe/x", 405}, {"GET", "/readyz", 503}, {"GET", "/healthz", 200},
	} {
		a := s.send(t, c.method, c.path, nil, "")
		wantStatus(t, a, c.want)
		if c.want == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
			t.Errorf("%s %s: got 405 without Allow", c.method, c.path)
		}
		if c.want < 500 && c.want >= 400 && (strings.Contains(a.body, `id="signup"`) || !strings.Contains(a.body, `href="/leave"`)) {
			t.Errorf("%s %s: got a sign-up form, or no way to leave for who has a broken link", c.method, c.path)
		}
		if strings.Contains(a.body, "goroutine") || strings.Contains(a.body, "locked") {
			t.Errorf("%s %s: got the inside of the program on the page", c.method, c.path)
		}
	}
	a := s.send(t, http.MethodGet, "/nowhere", head("Accept", "application/json"), "")
	if got := a.Header.Get("Content-Type"); got != "application/json" || !strings.HasPrefix(a.body, `{"error":"`) {
		t.Errorf("got %s %q, want an error in JSON", got, a.body)
	}
}

func (brokenList) UseWording(string) {}
