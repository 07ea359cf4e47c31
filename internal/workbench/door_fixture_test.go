package workbench_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
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

// later lets time pass.
func (b *bench) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func cookieOf(c *browser) *http.Cookie {
	u := must(url.Parse(c.url))
	for _, k := range c.Jar.Cookies(u) {
		return k
	}
	return nil
}
