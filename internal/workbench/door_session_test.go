package workbench_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
)

// Sessions are listed, end one by one, by logging out, after 30 days, and when
// the address is no editor's any more.
func TestSessions(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada, bob)
	one, two, his := b.browser(), b.browser(), b.browser()
	b.logIn(one, ada)
	b.logIn(two, ada)
	b.logIn(his, bob)
	a := one.want(one.get("/sessions"), http.StatusOK, "the list")
	if got := strings.Count(a.body, `name="end"`); got != 3 || !strings.Contains(a.body, "(this one)") {
		t.Errorf("got %d buttons, want two sessions and 'all others':\n%s", got, a.body)
	}
	one.want(one.post("/sessions", url.Values{"end": {"others"}}), http.StatusSeeOther, "end the others")
	two.want(two.get(weekPath), http.StatusSeeOther, "an ended session")
	one.want(one.get(weekPath), http.StatusOK, "one's own")
	his.want(his.get(weekPath), http.StatusOK, "another editor's")

	mine := must(b.door.Sessions(t.Context(), ada))
	his.post("/sessions", url.Values{"end": {"1"}})
	one.want(one.get(weekPath), http.StatusOK, "after another editor tried to end it")
	stolen := cookieOf(one)
	one.want(one.post("/logout", nil), http.StatusSeeOther, "log out")
	one.want(one.get(weekPath), http.StatusSeeOther, "after logging out")
	one.want(one.get(weekPath, func(r *http.Request) { r.AddCookie(stolen) }), http.StatusSeeOther, "a copy of the cookie")
	if len(mine) != 1 || len(must(b.door.Sessions(t.Context(), ada))) != 0 {
		t.Errorf("got sessions left: %v", mine)
	}

	b.later(editors.SessionFor)
	his.want(his.get(weekPath), http.StatusSeeOther, "after 30 days")
}

// Whoever is taken out of the editors is out at once, also with a link that is
// on its way; the record of the session goes too.
func TestTakenOutOfEditors(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada, bob)
	c := b.browser()
	b.logIn(c, bob)
	c.post("/login", url.Values{"email": {bob}})
	link := b.mailed(bob)
	c.want(c.get(weekPath), http.StatusOK, "an editor")
	b.setEditors(ada)
	c.want(c.get(weekPath), http.StatusSeeOther, "no longer an editor")
	c.want(c.post(link, nil), http.StatusNotFound, "a link on its way")
	b.setEditors(ada, bob)
	c.want(c.get(weekPath), http.StatusSeeOther, "an editor again, with the session of before")
}

// A session that an attacker gave a browser is not the one that logs in, and the
// one that the browser had ends.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada, bob)
	c := b.browser()
	c.post("/login", url.Values{"email": {ada}})
	link := b.mailed(ada)
	planted := editors.NewToken().String()
	a := c.post(link, nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "digest-desk", Value: planted}) })
	c.want(a, http.StatusSeeOther, "log in")
	if got := cookieOf(c).Value; got == planted || got == "" {
		t.Errorf("got the session %q, want a fresh one", got)
	}
	evil := b.browser()
	evil.want(evil.get(weekPath, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "digest-desk", Value: planted}) }), http.StatusSeeOther, "the planted cookie")
	before := cookieOf(c)
	c.post("/login", url.Values{"email": {bob}})
	c.want(c.post(b.mailed(bob), nil), http.StatusSeeOther, "log in as another")
	evil.want(evil.get(weekPath, func(r *http.Request) { r.AddCookie(before) }), http.StatusSeeOther, "the session before")
}

// What the base URL allows decides what the cookie is, and whether there is a
// desk at all.
func TestCookieAndBase(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "https://news.example.org/weekly", ada)
	c := b.browser()
	proxied := func(r *http.Request) { r.Host = "news.example.org"; r.Header.Set("Origin", "https://news.example.org") }
	if a := c.get(weekPath, proxied); !strings.HasPrefix(a.location(), "/weekly/desk/login") {
		t.Errorf("got led to %s, want below the base URL's path", a.location())
	}
	c.want(c.post("/login", url.Values{"email": {ada}}, proxied), http.StatusSeeOther, "ask")
	a := c.want(c.post(b.mailed(ada), nil, proxied), http.StatusSeeOther, "log in")
	cookie := a.Cookies()[0]
	if cookie.Name != "__Host-digest-desk" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 30*24*3600 {
		t.Errorf("got the cookie %+v, want __Host-, Secure, HttpOnly, Lax, 30 days", cookie)
	}
	if a.location() != "/weekly/desk/" {
		t.Errorf("got led to %s, want /weekly/desk/", a.location())
	}

	plain := newDoor(t, 1, "http://intranet.example", ada)
	p := plain.browser()
	for _, path := range []string{"/login", weekPath} {
		a := p.get(path, func(r *http.Request) { r.Host = "intranet.example" })
		if a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "needs https") {
			t.Errorf("%s over plain http: got %d:\n%s", path, a.StatusCode, a.body)
		}
	}
}

// A page elsewhere, and a name that leads here, can do nothing with an editor's
// browser.
func TestOtherSitesAndNames(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	b.logIn(c, ada)
	for what, change := range map[string]func(*http.Request){
		"another site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Origin", "https://evil.example")
		},
		"a sister site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-site")
			r.Header.Set("Origin", "http://127.0.0.1:1")
		},
		"an old browser":     func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		"a sandboxed frame":  func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
		"a rebinding name":   func(r *http.Request) { r.Host = "evil.example" },
		"a name that begins": func(r *http.Request) { r.Host = "localhost.evil.example" },
	} {
		for _, path := range []string{weekPath + "/do", "/logout", "/sessions", weekPath + "/share", "/login"} {
			if a := c.post(path, url.Values{"do": {"hold"}, "end": {"others"}, "email": {ada}}, change); a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%s, %s: got status %d, want it refused", what, path, a.StatusCode)
			}
		}
	}
	for _, path := range []string{weekPath, "/login"} {
		c.want(c.get(path, func(r *http.Request) { r.Host = "evil.example:80" }), http.StatusMisdirectedRequest, "a look under a rebinding name")
	}
	if _, err := b.desk.Edition(t.Context(), week); !errors.Is(err, edition.ErrNotFound) {
		t.Error("got an edition that a foreign page held")
	}
}
