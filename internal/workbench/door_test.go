package workbench_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/workbench"
)

const ada, bob = "ada@example.com", "bob@example.com"

// newDoor is the desk of serve at /desk, with these editors; base is its address
// for the world, "" for its own.
func newDoor(t testing.TB, approvals int, base string, roster ...string) *bench {
	t.Helper()
	b := newBenchWith(t, approvals, func(b *bench, d *workbench.Deps, own string) func(http.Handler) http.Handler {
		if base == "" {
			base = own
		}
		b.setEditors(roster...)
		site := must(url.Parse(base))
		b.door = editors.New(editors.Parts{
			Store: b.db.Editors(), Roster: b.editors, Now: b.clock, Log: d.Logger,
			State: func(ctx context.Context, w edition.Week) (edition.State, error) {
				e, err := b.desk.Edition(ctx, w)
				if errors.Is(err, edition.ErrNotFound) {
					err = nil
				}
				return e.State, err
			},
		})
		d.Who, d.Base = nil, site.EscapedPath()+"/desk"
		d.Door = &workbench.Door{Editors: b.door, Site: site, Visitor: func(r *http.Request) netip.Addr {
			return must(netip.ParseAddrPort(r.RemoteAddr)).Addr()
		}}
		return func(h http.Handler) http.Handler { return http.StripPrefix("/desk", h) }
	})
	return b
}

// A browser keeps cookies, sends what a browser sends, and follows no redirect.
type browser struct {
	*http.Client
	t   testing.TB
	url string // of the desk
}

func (b *bench) browser() *browser {
	jar := must(cookiejar.New(nil))
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, b.t, b.url + "/desk"}
}

// An answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

func (a answer) location() string { return a.Header.Get("Location") }

func (c *browser) send(method, path string, form url.Values, change ...func(*http.Request)) answer {
	c.t.Helper()
	r := must(http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(form.Encode())))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, f := range change {
		f(r)
	}
	resp := must(c.Do(r))
	defer resp.Body.Close()
	return answer{resp, string(must(io.ReadAll(resp.Body)))}
}

func (c *browser) get(path string, change ...func(*http.Request)) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil, change...)
}

func (c *browser) post(path string, form url.Values, change ...func(*http.Request)) answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, form, change...)
}

func (c *browser) want(a answer, status int, what string) answer {
	c.t.Helper()
	if a.StatusCode != status {
		c.t.Fatalf("%s: got status %d, want %d:\n%.1500s", what, a.StatusCode, status, a.body)
	}
	return a
}

// mailed waits for the login mail of an event in the outbox and gives its link's
// path.
func (b *bench) mailed(to string) string {
	b.t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		e, ok, err := b.db.Outbox().Take(b.t.Context(), b.clock())
		if err != nil {
			b.t.Fatal(err)
		}
		if !ok || e.Kind != outbox.KindLogin {
			continue
		}
		if e.Recipient != to {
			b.t.Fatalf("got a link for %s, want one for %s", e.Recipient, to)
		}
		p := must(e.Payload()).(outbox.Login)
		return "/login/" + must(b.db.Outbox().ComposeLogin(b.t.Context(), e, p.Next, b.clock()))
	}
	b.t.Fatalf("no link was mailed to %s", to)
	return ""
}

// logIn is an editor's whole way in.
func (b *bench) logIn(c *browser, editor string) {
	b.t.Helper()
	c.want(c.post("/login", url.Values{"email": {editor}}), http.StatusSeeOther, "ask")
	link := b.mailed(editor)
	c.want(c.post(link, nil), http.StatusSeeOther, "log in")
}

// No page of the desk is there for whoever is not logged in, and nothing can be
// done.
func TestNothingWithoutLogin(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	for _, path := range []string{"/", weekPath, weekPath + "/frame", weekPath + "/message.eml", "/calendar", "/mails/confirm", "/mails/confirm/frame", "/comparisons/cursor-vs-windsurf", "/paste", "/events", "/sessions"} {
		a := c.want(c.get(path), http.StatusSeeOther, path)
		if want := "/desk/login?next=" + url.QueryEscape(path); a.location() != want {
			t.Errorf("%s: got led to %s, want %s", path, a.location(), want)
		}
	}
	for _, path := range []string{weekPath + "/edits", weekPath + "/do", weekPath + "/share", "/comparisons/cursor-vs-windsurf", "/paste", "/sessions", "/logout"} {
		a := c.want(c.post(path, url.Values{"do": {"hold"}, "page": {"x"}}), http.StatusUnauthorized, path)
		if !strings.Contains(a.body, "You are not logged in any more") {
			t.Errorf("%s: got no word of it:\n%s", path, a.body)
		}
	}
	if _, err := b.desk.Edition(t.Context(), week); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("got an edition (%v), want none: nobody was logged in", err)
	}
}

// The way in: the same answer for every address; a look uses nothing up; the
// button logs in, once, and leads to the page that was asked for.
func TestLogin(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", "Ada <"+ada+">", bob)
	c := b.browser()
	next := weekPath + "?view=text"
	if a := c.get("/login?next=" + url.QueryEscape(next)); form(a.body, "/desk/login").Get("next") != next {
		t.Fatalf("got no next page in the form:\n%s", a.body)
	}
	known := c.want(c.post("/login", url.Values{"email": {" ADA@example.com"}, "next": {next}}), http.StatusSeeOther, "an editor")
	stranger := c.want(c.post("/login", url.Values{"email": {"eve@example.com"}}), http.StatusSeeOther, "a stranger")
	if known.location() != stranger.location() || known.body != stranger.body {
		t.Error("got answers that tell who is an editor")
	}
	link := b.mailed(ada)
	for range 3 { // as mail scanners do
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := b.browser().send(method, link, nil); a.StatusCode != http.StatusOK || len(a.Cookies()) > 0 {
				t.Fatalf("%s: got status %d and cookies %v, want a page only", method, a.StatusCode, a.Cookies())
			}
		}
	}
	if a := c.get(link); !strings.Contains(a.body, ada) || !strings.Contains(a.body, "<button") {
		t.Errorf("got no button and name:\n%s", a.body)
	}
	a := c.want(c.post(link, nil), http.StatusSeeOther, "the button")
	if a.location() != "/desk"+next {
		t.Errorf("got led to %s, want /desk%s", a.location(), next)
	}
	if a := c.want(c.get(weekPath), http.StatusOK, "the week"); !strings.Contains(a.body, ada) {
		t.Error("got a page that does not say who is logged in")
	}
	for what, thief := range map[string]*browser{"another browser": b.browser(), "the same browser": c} {
		if a := thief.post(link, nil); a.StatusCode != http.StatusGone || len(a.Cookies()) > 0 {
			t.Errorf("the link again in %s: got %d and %v, want 410", what, a.StatusCode, a.Cookies())
		}
	}
	c.want(c.get("/login/"+editors.NewToken().String()), http.StatusNotFound, "a link that there is not")
	c.want(c.get("/login/x"), http.StatusNotFound, "no link at all")
}

func TestLinkExpires(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	c.post("/login", url.Values{"email": {ada}})
	link := b.mailed(ada)
	b.later(15 * time.Minute)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if a := c.send(method, link, nil); a.StatusCode != http.StatusGone || !strings.Contains(a.body, "15 minutes") {
			t.Errorf("%s after 15 minutes: got %d:\n%s", method, a.StatusCode, a.body)
		}
	}
}

// later lets time pass.
func (b *bench) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

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

func cookieOf(c *browser) *http.Cookie {
	u := must(url.Parse(c.url))
	for _, k := range c.Jar.Cookies(u) {
		return k
	}
	return nil
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
	c.want(c.get(weekPath), http.StatusSeeOther, "no editor any more")
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

// Whoever asks or guesses too often is held back.
func TestLoginLimits(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	status := 0
	for range 12 {
		status = c.post("/login", url.Values{"email": {"eve@example.com"}}).StatusCode
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the twelfth ask: got %d, want 429", status)
	}
	for range 20 {
		status = c.post("/login/"+editors.NewToken().String(), nil).StatusCode
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the twentieth guess: got %d, want 429", status)
	}
}

// A reviewer's link shows its week's mail, no reader's data and nothing else,
// changes nothing, and ends by hand or with the edition.
func TestReviewer(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 1, "", ada)
	c := b.browser()
	b.logIn(c, ada)
	c.post(weekPath+"/do", url.Values{"do": {"note"}, "text": {"among editors"}})
	if err := os.WriteFile(filepath.Join(b.dir, "broken.yaml"), []byte("tools: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := c.want(c.post(weekPath+"/share", url.Values{"make": {"link"}}), http.StatusOK, "make a link")
	_, link, _ := strings.Cut(a.body, b.url+"/desk")
	link, _, _ = strings.Cut(link, `"`)
	if a := c.get(weekPath); strings.Contains(a.body, link) || !strings.Contains(a.body, "Made by "+ada) {
		t.Error("got the link again, or no word of it")
	}
	r := b.browser()
	if a := r.want(r.get(link), http.StatusSeeOther, "open it"); a.location() != "/desk"+weekPath {
		t.Errorf("got led to %s, want the week", a.location())
	}
	page := r.want(r.get(weekPath+"?as="+url.QueryEscape("reader@example.com")), http.StatusOK, "look")
	for _, no := range []string{"among editors", ada, "<form", "Edit ", "reader@example.com", b.dir, "message.eml", "/calendar"} {
		if strings.Contains(page.body, no) {
			t.Errorf("got %q on the reviewer's page", no)
		}
	}
	r.want(r.get(weekPath+"/frame?as=nobody%40example.com"), http.StatusOK, "the mail")
	for _, path := range []string{"/week/2026-W47", "/week/2026-W49/frame", weekPath + "/message.eml", "/calendar", "/mails/confirm", "/comparisons/cursor-vs-windsurf", "/paste", "/sessions"} {
		r.want(r.get(path), http.StatusForbidden, path)
	}
	for _, path := range []string{weekPath + "/edits", weekPath + "/do", weekPath + "/share", "/comparisons/cursor-vs-windsurf", "/paste", "/logout"} {
		r.want(r.post(path, url.Values{"do": {"approve"}, "hash": {form(page.body, weekPath+"/do").Get("hash")}}), http.StatusForbidden, path)
	}
	c.post(weekPath+"/share", url.Values{"end": {"1"}})
	r.want(r.get(weekPath), http.StatusSeeOther, "after it was ended")
	r.want(r.get(link), http.StatusGone, "the link itself")

	a = c.post(weekPath+"/share", url.Values{"make": {"link"}})
	_, link, _ = strings.Cut(a.body, b.url+"/desk")
	link, _, _ = strings.Cut(link, `"`)
	r.want(r.get(link), http.StatusSeeOther, "another link")
	r.want(r.get(weekPath), http.StatusOK, "look with it")
	c.want(c.post(weekPath+"/do", url.Values{"do": {"hold"}}), http.StatusSeeOther, "hold")
	c.want(c.post(weekPath+"/do", url.Values{"do": {"cancel"}, "sure": {"yes"}}), http.StatusSeeOther, "cancel")
	r.want(r.get(weekPath), http.StatusSeeOther, "after the edition was cancelled")
	r.want(r.get(link), http.StatusGone, "the link after that")
}

// The link in the draft's mail authenticates nobody: it leads to the login, then
// to the approval of exactly that content, or shows what changed since.
func TestApproveFromTheMail(t *testing.T) {
	t.Parallel()
	b := newDoor(t, 2, "", ada, bob)
	draft := must(b.desk.Draft(t.Context(), week))
	must(b.desk.Build(t.Context(), draft))
	first := draft.Build.Hash
	link := "/approve/2026-W48/" + first
	stranger := b.browser() // to whom the mail was forwarded
	if a := stranger.want(stranger.get(link), http.StatusSeeOther, "a stranger"); !strings.HasPrefix(a.location(), "/desk/login?next=%2Fapprove%2F") {
		t.Errorf("got led to %s, want to the login", a.location())
	}
	stranger.want(stranger.post(weekPath+"/do", url.Values{"do": {"approve"}, "hash": {first}}), http.StatusUnauthorized, "a stranger's approval")

	c := b.browser()
	c.post("/login", url.Values{"email": {ada}, "next": {link}})
	if a := c.post(b.mailed(ada), nil); a.location() != "/desk"+link {
		t.Fatalf("got led to %s, want %s", a.location(), link)
	}
	page := c.want(c.get(link), http.StatusOK, "the page")
	approve := form(page.body, "/desk"+weekPath+"/do")
	if approve.Get("hash") != first || strings.Contains(page.body, "has changed since") || !strings.Contains(page.body, "2 editors have to approve") || !strings.Contains(page.body, "<iframe") {
		t.Fatalf("got\n%.3000s", page.body)
	}
	if _, err := b.db.Desk().Acts(t.Context(), week); err != nil {
		t.Fatal(err)
	}
	if got := must(b.db.Desk().Approvals(t.Context(), week, first)); len(got) != 0 {
		t.Fatalf("got approvals %v by looking", got)
	}
	approve.Set("do", "approve")
	c.want(c.post(weekPath+"/do", approve), http.StatusSeeOther, "approve")

	his := b.browser()
	b.logIn(his, bob)
	if a := his.get(link); !strings.Contains(a.body, "Approved so far by "+ada) || !strings.Contains(a.body, "Yours is the last one") {
		t.Errorf("the second editor: got\n%.3000s", a.body)
	}
	must(b.desk.By(bob).SaveEdits(t.Context(), week, edition.Edits{Subject: "Another subject"}))
	changed := his.want(his.get(link), http.StatusOK, "after a change")
	for _, want := range []string{"has changed since", "Changes since that mail", "Another subject"} {
		if !strings.Contains(strings.ToLower(changed.body), strings.ToLower(want)) {
			t.Errorf("after a change: got no %q:\n%.3000s", want, changed.body)
		}
	}
	old := url.Values{"do": {"approve"}, "hash": {first}}
	if a := his.post(weekPath+"/do", old); a.StatusCode != http.StatusConflict {
		t.Errorf("approving the old content: got %d, want 409", a.StatusCode)
	}
	now := form(changed.body, "/desk"+weekPath+"/do")
	now.Set("do", "approve")
	his.want(his.post(weekPath+"/do", now), http.StatusSeeOther, "approve it as it is now")
	if e := must(b.desk.Edition(t.Context(), week)); e.State == edition.Approved {
		t.Error("got it approved, want ada's approval to be of the old content only")
	}
	c.want(c.post(weekPath+"/do", now), http.StatusSeeOther, "both")
	if e := must(b.desk.Edition(t.Context(), week)); e.State != edition.Approved || e.ApprovedBy != bob+", "+ada && e.ApprovedBy != ada+", "+bob {
		t.Errorf("got %s by %q, want it approved by both", e.State, e.ApprovedBy)
	}
	c.want(c.get("/approve/2026-W48/nonsense"), http.StatusOK, "a hash that there is not")
}
