package workbench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/visitor"
)

// A Door lets editors and reviewers in, in serve.
type Door struct {
	Editors *editors.Service
	Site    *url.URL                         // the base URL
	Visitor func(r *http.Request) netip.Addr // who asks, behind trusted proxies
}

var errPlain = errors.New("the desk needs https, so that nobody on the way can take a session over; put TLS in front and set site.base_url to its https address, or use 'digest preview' on the machine itself")

// Private reports whether what browsers send to an address of the site can be
// read by nobody on the way: https, or this machine.
func Private(site *url.URL) bool { return site.Scheme == "https" || isLocal(site.Hostname()) }

func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// protection refuses what another site's page has a browser send. The site's own
// address is trusted, because a proxy may not pass the Host on.
func (d *Door) protection() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	if d == nil {
		return p, nil
	}
	return p, p.AddTrustedOrigin(d.Site.Scheme + "://" + strings.ToLower(d.Site.Host))
}

// enter fails unless the request asks for the site's own name: a page on the
// internet whose name resolves to this server (DNS rebinding) comes with its own.
// An address is no name, and is what some proxies pass on.
func (d *Door) enter(r *http.Request) error {
	if !Private(d.Site) {
		return errPlain
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(host, ".")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil && !strings.EqualFold(host, d.Site.Hostname()) && !strings.EqualFold(host, "localhost") {
		return fmt.Errorf("%w: it is at %s. Behind a proxy, have that pass the Host on", errHost, d.Site.Host)
	}
	return nil
}

// The cookies. With https they have the __Host- prefix, with which a browser
// takes them from this host alone, over https alone (RFC 6265bis §4.1.3.2).
const (
	sessionCookie = "digest-desk"
	reviewCookie  = "digest-review"
)

func (d *Door) cookieName(name string) string {
	if d.Site.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a token for so long; "" takes it away. Lax lets a
// link in a mail lead to a page; what changes something needs a POST, which other
// sites' pages cannot send (protection).
func (d *Door) setCookie(w http.ResponseWriter, name, token string, age time.Duration) {
	c := &http.Cookie{
		Name: d.cookieName(name), Value: token, Path: "/", MaxAge: int(age.Seconds()),
		Secure: d.Site.Scheme == "https", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (d *Door) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(d.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// comer says who a request is from; errLogIn when it is nobody who may come in.
func (d *Door) comer(r *http.Request) (Editor, error) {
	if token := d.cookie(r, sessionCookie); token != "" {
		x, err := d.Editors.Session(r.Context(), token)
		if err == nil {
			return Editor{Name: x.Editor, Mail: x.Editor, session: x.ID}, nil
		}
		if !nobody(err) {
			return Editor{}, err
		}
	}
	if token := d.cookie(r, reviewCookie); token != "" {
		x, err := d.Editors.Reviewer(r.Context(), token)
		if err == nil {
			return Editor{Name: fmt.Sprintf("reviewer %d", x.ID), ReadOnly: true, Week: x.Week}, nil
		}
		if !nobody(err) {
			return Editor{}, err
		}
	}
	return Editor{}, errLogIn
}

// nobody is for a link or a session that lets nobody in.
func nobody(err error) bool {
	return errors.Is(err, editors.ErrNotFound) || errors.Is(err, editors.ErrOver) || errors.Is(err, editors.ErrUsed) || errors.Is(err, editors.ErrExpired)
}

type editorKey struct{}

// who is the editor of a request that came in.
func (s *server) who(r *http.Request) Editor {
	if e, ok := r.Context().Value(editorKey{}).(Editor); ok {
		return e
	}
	if s.Who == nil {
		return Editor{ReadOnly: true}
	}
	return s.Who(r)
}

// Who a route is for.
const (
	editorsOnly  = false
	reviewersToo = true
)

// inside lets only editors through, and reviewers to their week's pages where
// the route is for them too.
func (s *server) inside(reviewers bool, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.Door == nil {
			who := s.who(r)
			if who.ReadOnly && !reviewers {
				return s.asEditor(who, readOnly)(w, r)
			}
			return s.asEditor(who, h)(w, r)
		}
		if err := s.Door.enter(r); err != nil {
			return err
		}
		who, err := s.Door.comer(r)
		if err != nil {
			return err
		}
		if who.ReadOnly {
			if err := s.limits.review(s.Now(), who); err != nil {
				return err
			}
			if week := r.PathValue("week"); !reviewers || week != "" && !isWeek(week, who.Week) {
				return s.asEditor(who, readOnly)(w, r)
			}
		}
		return s.asEditor(who, h)(w, r)
	}
}

func readOnly(http.ResponseWriter, *http.Request) error { return errReadOnly }

// asEditor hands on who a request is from; a page about an error knows it, too.
func (s *server) asEditor(who Editor, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r = r.WithContext(context.WithValue(r.Context(), editorKey{}, who))
		if err := h(w, r); err != nil {
			s.showError(w, r, err)
		}
		return nil
	}
}

func isWeek(text string, w edition.Week) bool {
	is, err := edition.ParseWeek(text)
	return err == nil && is == w
}

// limits hold visitors back who are not logged in.
type limits struct {
	asks    visitor.Networks // for login links
	guesses visitor.Networks // at links
	reviews *visitor.Buckets[string]
}

// How often an hour an address may ask for a link, and try one that there is not.
const (
	asksAnHour    = 30
	guessesAnHour = 60
)

func newLimits() limits {
	return limits{
		asks: visitor.NewNetworks(asksAnHour, 4*asksAnHour, 4*asksAnHour), guesses: visitor.NewNetworks(guessesAnHour, 4*guessesAnHour, 16*guessesAnHour),
		reviews: visitor.NewBuckets[string](func() *rate.Limiter { return rate.NewLimiter(2, 120) }, visitor.MaxBuckets),
	}
}

func limited(wait time.Duration) error {
	if wait > 0 {
		return errLimited
	}
	return nil
}

func (l limits) ask(at time.Time, ip netip.Addr) error {
	return limited(visitor.Take(at, l.asks.Of(ip)...))
}

func (l limits) guess(at time.Time, ip netip.Addr) error {
	return limited(visitor.Take(at, l.guesses.Of(ip)...))
}

// review keeps what one link costs bounded: each page builds the mail.
func (l limits) review(at time.Time, who Editor) error {
	return limited(visitor.Take(at, l.reviews.Of(who.Name)))
}
