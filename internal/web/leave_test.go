package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/subscribers"
)

// Whoever has no working link gets a fresh one by mail; the answer is the same
// for every address, and only a reader is mailed.
func TestLeave(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	r.active(t, "active@example.org")
	r.link(t, "pending@example.org")
	left := r.active(t, "left@example.org")
	if _, err := r.Unsubscribe(t.Context(), left.Token.String(), "page"); err != nil {
		t.Fatal(err)
	}
	r.events(t) // what happened so far
	answers := func(email string) string {
		var b strings.Builder
		for _, a := range []answer{
			s.form(t, "/leave", "email="+url.QueryEscape(email)),
			s.send(t, http.MethodPost, "/leave", head("Content-Type", "application/json"), `{"email":"`+email+`"}`),
		} {
			a.Header.Del("Date")
			fmt.Fprintln(&b, a.StatusCode, a.Header, a.body)
		}
		return b.String()
	}
	want := answers("nobody@example.org")
	if !strings.HasPrefix(want, "303") || !strings.Contains(want, "202") {
		t.Errorf("got %s, want 303 for a form and 202 for JSON", want)
	}
	for _, email := range []string{"active@example.org", "pending@example.org", "left@example.org"} {
		if got := answers(email); got != want {
			t.Errorf("%s: got\n%s\nwant as for a stranger:\n%s", email, got, want)
		}
	}
	events := r.events(t)
	if len(events) != 1 || events[0].Kind != outbox.KindLeaveLink || events[0].Recipient != "active@example.org" {
		t.Fatalf("got %+v, want one link, to the reader", events)
	}
	r.wantStatus(t, "active@example.org", subscribers.Active) // nothing has changed yet

	answers("active@example.org")
	if again := r.events(t); len(again) != 0 {
		t.Errorf("got %+v within the hour, want nothing", again)
	}
	r.pass(time.Hour + time.Minute)
	answers("active@example.org")
	if again := r.events(t); len(again) != 1 {
		t.Errorf("got %+v after an hour, want a link", again)
	}
	wantStatus(t, s.get(t, "/leave"), http.StatusOK)
	wantStatus(t, s.get(t, "/leave/sent"), http.StatusOK)
	if a := s.form(t, "/leave", "email=hopper%40example"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "hopper@example is not complete") || !strings.Contains(a.body, `value="hopper@example"`) {
		t.Errorf("got %d %s, want what is missing said", a.StatusCode, a.body)
	}
}

// Who left by mistake is sent a fresh confirmation; no page shows the address,
// and no second press sends another.
func TestUndo(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	wantStatus(t, s.form(t, "/confirm/"+r.link(t, "reader@example.org"), ""), http.StatusOK)
	sub, err := r.Get(t.Context(), "reader@example.org")
	if err != nil {
		t.Fatal(err)
	}
	leave := "/unsubscribe/" + sub.Token.String()
	if a := s.form(t, leave, "undo=1"); a.StatusCode != http.StatusSeeOther || len(r.links(t)) != 0 {
		t.Errorf("got %d and a mail for who has not left, want 303 and none", a.StatusCode)
	}
	r.wantStatus(t, "reader@example.org", subscribers.Active)
	r.pass(time.Minute)
	a := s.form(t, leave, "")
	r.pass(time.Minute)
	if !strings.Contains(a.body, `name="undo"`) || strings.Contains(a.body, "reader@") {
		t.Errorf("got %s, want a way back and no address", a.body)
	}
	for range 3 {
		if a := s.form(t, leave, "undo=1"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/subscribed" {
			t.Errorf("got %d to %q, want 303 to /subscribed", a.StatusCode, a.Header.Get("Location"))
		}
	}
	r.wantStatus(t, "reader@example.org", subscribers.Unsubscribed) // until they confirm
	links := r.links(t)
	if len(links) != 1 {
		t.Fatalf("got %d confirmations, want 1", len(links))
	}
	wantStatus(t, s.form(t, "/confirm/"+links[0], ""), http.StatusOK)
	r.wantStatus(t, "reader@example.org", subscribers.Active)
}

// A common misspelling is asked about, once, by the form; a script is taken at
// its word.
func TestTypoIsAskedAbout(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	a := s.form(t, "/subscribe", "email=hopper%40gmial.com&name=Grace&categories=a&categories=b&source=blog")
	for _, want := range []string{"Did you mean <b>hopper@gmail.com</b>?", `value="hopper@gmail.com"`, `value="hopper@gmial.com"`, `name="as_typed"`, `value="Grace"`, `value="b"`, `value="blog"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("got no %s in %s", want, a.body)
		}
	}
	if wantStatus(t, a, http.StatusUnprocessableEntity); len(r.links(t)) != 0 {
		t.Error("got a mail before the question was answered")
	}
	wantStatus(t, s.form(t, "/subscribe", "email=hopper%40gmial.com&as_typed=1"), http.StatusSeeOther)
	wantStatus(t, s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/json"), `{"email":"script@gmial.com"}`), http.StatusAccepted)
	if got := len(r.links(t)); got != 2 {
		t.Errorf("got %d confirmations, want 2", got)
	}
}

// While the database is busy a visitor is told to come back in a minute, and
// finds all that they typed.
func TestBusy(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]List{
		"busy":     &failing{err: fmt.Errorf("queue sign-up: begin: %w", store.ErrBusy)},
		"deadline": &failing{wait: true},
		"full":     &failing{err: fmt.Errorf("queue sign-up: commit: %w", store.ErrDisk)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, list)
			for _, path := range []string{"/subscribe", "/leave"} {
				a := s.form(t, path, "email=reader%40example.org&name=Ada&categories=x")
				if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "60" || !strings.Contains(a.body, `value="reader@example.org"`) {
					t.Errorf("%s: got %d, Retry-After %q, %s; want 503 with the form as it was filled in", path, a.StatusCode, a.Header.Get("Retry-After"), a.body)
				}
				if path == "/subscribe" && (!strings.Contains(a.body, `value="Ada"`) || !strings.Contains(a.body, `value="x"`)) {
					t.Error("got the form without the name or the category")
				}
			}
			a := s.send(t, http.MethodPost, "/subscribe", head("Content-Type", "application/json"), `{"email":"reader@example.org"}`)
			var said struct{ Error string }
			if err := json.Unmarshal([]byte(a.body), &said); err != nil || a.StatusCode != 503 || said.Error == "" || a.Header.Get("Retry-After") == "" {
				t.Errorf("JSON: got %d %s, want 503 with an error and Retry-After", a.StatusCode, a.body)
			}
			if strings.Contains(s.log.String(), "reader@") {
				t.Error("got an address in the log")
			}
		})
	}
}

// failing is a list that takes nothing down.
type failing struct {
	List
	err  error
	wait bool // until the request's time is over
}

func (f *failing) SignUp(ctx context.Context, _ subscribers.SignUp) error { return f.fail(ctx) }

func (f *failing) RequestLeave(ctx context.Context, _ string, _ netip.Addr) error { return f.fail(ctx) }

func (f *failing) fail(ctx context.Context) error {
	if !f.wait {
		return f.err
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	case <-time.After(time.Minute):
		return errors.New("the request has no end")
	}
}

func (f *failing) UseWording(string) {}
