package web

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A request cannot make the pages link, or send anybody, elsewhere.
func TestHostAndRedirects(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t), func(d *Deps) { d.Site.BaseURL = "https://news.example.org" })
	for _, path := range []string{"/", "/archive", "/archive/2026-W48", "/feed.xml", "/feed.json", "/compare/karpathy-coding-skills-vs-smolvlm2", "/nowhere"} {
		a := s.send(t, http.MethodGet, path, head("Host", "evil.example", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example"), "")
		if strings.Contains(a.body, "evil.example") || strings.Contains(a.Header.Get("Location"), "evil.example") {
			t.Errorf("%s: got the request's host in the answer", path)
		}
		if strings.Contains(a.body, s.url) {
			t.Errorf("%s: got the listener's address in the answer", path)
		}
	}
	for _, path := range []string{
		"//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/%2f%2fevil.example", "/https://evil.example", "/archive/", "/archive/..//evil.example",
		"/subscribed?next=//evil.example", "/confirm/x?redirect=https://evil.example", "/a/../archive",
	} {
		a := s.get(t, path)
		if a.StatusCode >= 300 && a.StatusCode < 400 || a.Header.Get("Location") != "" {
			t.Errorf("%s: got status %d to %q, want no redirect", path, a.StatusCode, a.Header.Get("Location"))
		}
		if strings.Contains(a.body, "evil") {
			t.Errorf("%s: got the path in the page", path)
		}
	}
	a := s.form(t, "/subscribe?next=https://evil.example", "email=a%40example.org&next=https%3A%2F%2Fevil.example&source=https%3A%2F%2Fevil.example%0d%0aX%3A1")
	if got := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || got != "/subscribed" {
		t.Errorf("got %d to %q, want 303 to /subscribed", a.StatusCode, got)
	}
}

// The form works from our own pages, from allowed sites and without a browser.
func TestOrigins(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t), func(d *Deps) { d.AllowedOrigins = []string{"https://blog.example"} })
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
		cors   string
	}{
		{"no browser", head(), 303, ""},
		{"own page", head("Origin", s.url), 303, ""},
		{"own page, referrer withheld", head("Origin", "null", "Sec-Fetch-Site", "same-origin"), 303, ""},
		{"allowed site", head("Origin", "https://blog.example", "Sec-Fetch-Site", "cross-site"), 303, "https://blog.example"},
		{"other site", head("Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), 403, ""},
		{"other site, older browser", head("Origin", "https://evil.example"), 403, ""},
		{"allowed name on another port", head("Origin", "https://blog.example:444"), 403, ""},
		{"longer name", head("Origin", "https://blog.example.evil.example"), 403, ""},
		{"hidden origin", head("Origin", "null", "Sec-Fetch-Site", "cross-site"), 403, ""},
		{"hidden origin, older browser", head("Origin", "null"), 403, ""},
		{"same site, other host", head("Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"), 403, ""},
	} {
		c.header.Set("Content-Type", "application/x-www-form-urlencoded")
		a := s.send(t, http.MethodPost, "/subscribe", c.header, "email=reader%40example.org")
		if a.StatusCode != c.want || a.Header.Get("Access-Control-Allow-Origin") != c.cors {
			t.Errorf("%s: got %d, readable by %q; want %d, readable by %q",
				c.name, a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), c.want, c.cors)
		}
	}
	ask := func(origin string) answer {
		return s.send(t, http.MethodOptions, "/subscribe", head("Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"), "")
	}
	allowed, refused := ask("https://blog.example"), ask("https://evil.example")
	if got := allowed.Header.Get("Access-Control-Allow-Headers"); allowed.StatusCode != 204 || got != "Content-Type" {
		t.Errorf("preflight of an allowed site: got %d allowing %q, want 204 allowing Content-Type", allowed.StatusCode, got)
	}
	for k := range refused.Header {
		if strings.HasPrefix(k, "Access-Control-") {
			t.Errorf("preflight of another site: got %s, want none", k)
		}
	}
}

// Over plain http to a host that is not loopback, a browser withholds both
// headers that tell our own form from others; it must work all the same.
func TestOriginsOverPlainHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t), func(d *Deps) { d.Site.BaseURL = "http://intranet.example" })
	h := head("Content-Type", "application/x-www-form-urlencoded", "Origin", "null")
	wantStatus(t, s.send(t, http.MethodPost, "/subscribe", h, "email=reader%40example.org"), http.StatusSeeOther)
	h.Set("Origin", "http://evil.example")
	wantStatus(t, s.send(t, http.MethodPost, "/subscribe", h, "email=reader%40example.org"), http.StatusForbidden)
}

// While the built-in mailbox is the mail server, every other path is what it is
// without.
func TestPathsBesideTheMailbox(t *testing.T) {
	t.Parallel()
	with := serve(t, newReaders(t), func(d *Deps) {
		d.Mailbox = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "mailbox "+r.URL.Path) })
	})
	without := serve(t, newReaders(t))
	for _, path := range []string{"//x", "//mailbox", "/a/../mailbox", "/mailbox/../archive", "/./", "/archive/", "/mailboxes", "/nowhere"} {
		a, b := with.get(t, path), without.get(t, path)
		if a.StatusCode != b.StatusCode || a.Header.Get("Location") != "" || a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got status %d with the mailbox and %d without, want 404 for both", path, a.StatusCode, b.StatusCode)
		}
	}
	for _, path := range []string{"/mailbox", "/mailbox/", "/mailbox/1/html"} {
		if a := with.get(t, path); a.body != "mailbox "+path {
			t.Errorf("%s: got %q, want the mailbox's page", path, a.body)
		}
		wantStatus(t, without.get(t, path), http.StatusNotFound)
	}
}
