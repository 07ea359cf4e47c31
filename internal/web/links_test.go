package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// Mail scanners open every link, some run what scripts they find: only a button
// may act.
func TestGetAndHeadChangeNothing(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	confirm := "/confirm/" + r.link(t, "pending@example.org")
	leave := "/unsubscribe/" + r.active(t, "active@example.org").Token.String()
	before := r.dump(t)
	for _, path := range []string{confirm, leave} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
			a := s.send(t, method, path, nil, "")
			wantStatus(t, a, http.StatusOK)
			for _, self := range []string{"<script", "http-equiv", "onload", "autofocus"} {
				if strings.Contains(a.body, self) {
					t.Errorf("got %q in the page, want nothing that acts by itself", self)
				}
			}
		}
	}
	if after := r.dump(t); after != before {
		t.Errorf("got a changed list:\n%s\nwant as before:\n%s", after, before)
	}
	wantStatus(t, s.form(t, confirm, ""), http.StatusOK)
	wantStatus(t, s.form(t, leave, ""), http.StatusOK)
	r.wantStatus(t, "pending@example.org", subscribers.Active)
	r.wantStatus(t, "active@example.org", subscribers.Unsubscribed)
}

// RFC 8058 §3.1 and §3.2, in the forms that mail providers send.
func TestOneClick(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	multipart := "--b1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b1--\r\n"
	urlencoded := "List-Unsubscribe=One-Click"
	for i, c := range []struct {
		name   string
		header http.Header
		body   string
	}{
		{"urlencoded", head("Content-Type", "application/x-www-form-urlencoded"), urlencoded},
		{"multipart", head("Content-Type", "multipart/form-data; boundary=b1"), multipart},
		{"charset", head("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), urlencoded},
		{"foreign origin", head("Content-Type", "application/x-www-form-urlencoded", "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site"), urlencoded},
		{"null origin", head("Content-Type", "application/x-www-form-urlencoded", "Origin", "null"), urlencoded},
	} {
		email := fmt.Sprintf("r%d@example.org", i)
		path := "/unsubscribe/" + r.active(t, email).Token.String()
		first, again := s.send(t, http.MethodPost, path, c.header, c.body), s.send(t, http.MethodPost, path, c.header, c.body)
		for _, a := range []answer{first, again} {
			wantStatus(t, a, http.StatusOK)
			if a.Header.Get("Location") != "" || a.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: got a redirect or a cookie, want neither", c.name)
			}
		}
		if first.body != again.body {
			t.Errorf("%s: got %q when repeated, want %q", c.name, again.body, first.body)
		}
		r.wantStatus(t, email, subscribers.Unsubscribed)
	}
}

// Whoever left stays away whatever is replayed; links live as long as promised.
func TestTokens(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r)
	token := r.link(t, "reader@example.org")
	wantStatus(t, s.form(t, "/confirm/"+token, ""), http.StatusOK)
	wantStatus(t, s.form(t, "/confirm/"+token, ""), http.StatusOK) // pressed twice: still true
	sub, err := r.Get(t.Context(), "reader@example.org")
	if err != nil {
		t.Fatal(err)
	}
	r.pass(5 * 365 * 24 * time.Hour)
	wantStatus(t, s.form(t, "/unsubscribe/"+sub.Token.String(), ""), http.StatusOK)
	wantStatus(t, s.form(t, "/confirm/"+token, ""), http.StatusGone)
	wantStatus(t, s.get(t, "/confirm/"+token), http.StatusGone)
	r.wantStatus(t, "reader@example.org", subscribers.Unsubscribed)

	late := r.link(t, "late@example.org")
	r.pass(7*24*time.Hour + time.Second)
	wantStatus(t, s.form(t, "/confirm/"+late, ""), http.StatusGone)
	r.wantStatus(t, "late@example.org", subscribers.Pending)
	wantStatus(t, s.form(t, "/confirm/"+sub.Token.String(), ""), http.StatusNotFound) // the other kind of token
}

func TestGuessingIsLimited(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	sub := r.active(t, "reader@example.org")
	s := serve(t, r, func(d *Deps) { d.Limits = defaultLimits() })
	wantStatus(t, s.get(t, "/unsubscribe/"+sub.Token.String()), http.StatusOK)
	limited := 0
	for i := range 40 {
		path := "/unsubscribe/" + subscribers.NewToken().String()
		if i%2 == 1 {
			path = "/confirm/" + subscribers.NewToken().String()
		}
		a := s.form(t, path, "")
		if a.StatusCode == http.StatusTooManyRequests {
			limited++
			if a.Header.Get("Retry-After") == "" {
				t.Error("got 429 without Retry-After")
			}
			continue
		}
		wantStatus(t, a, http.StatusNotFound)
	}
	if limited < 15 {
		t.Errorf("got %d of 40 guesses refused, want at least 15", limited)
	}
	wantStatus(t, s.get(t, "/"), http.StatusOK) // only links are held back
	leave := "/unsubscribe/" + sub.Token.String()
	wantStatus(t, s.get(t, leave), http.StatusOK) // a known one never for what others did
	a := s.form(t, leave, "List-Unsubscribe=One-Click")
	wantStatus(t, a, http.StatusOK)
}

// One link may be used 60 times a minute, whoever uses it.
func TestOneLinkIsLimited(t *testing.T) {
	t.Parallel()
	r := newReaders(t)
	s := serve(t, r, func(d *Deps) { d.Now = monday })
	leave := "/unsubscribe/" + r.active(t, "reader@example.org").Token.String()
	other := "/unsubscribe/" + r.active(t, "other@example.org").Token.String()
	for range 60 {
		wantStatus(t, s.get(t, leave), http.StatusOK)
	}
	if a := s.get(t, leave); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "1" {
		t.Errorf("got status %d, Retry-After %q, want 429 and 1", a.StatusCode, a.Header.Get("Retry-After"))
	}
	wantStatus(t, s.get(t, other), http.StatusOK)
}
