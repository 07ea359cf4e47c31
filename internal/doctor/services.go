package doctor

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A Relay is the mail server that takes the mail.
type Relay struct {
	Key   string // its name among several; "": there is one
	Name  string // for people
	Login bool   // it is logged in to
	// Greet connects, encrypts, logs in and leaves, with no message; the
	// certificate is nil without TLS.
	Greet func(ctx context.Context) (*x509.Certificate, error)
	Now   func() time.Time
}

// Certificates are renewed a month before their end where that is automatic.
const (
	certSoon = 14 * 24 * time.Hour
	certLate = 3 * 24 * time.Hour
)

// Checks are those of a relay.
func (r Relay) Checks() []Check {
	if r.Key != "" {
		return []Check{{"smtp " + r.Key, r.greet}}
	}
	return []Check{{"smtp", r.greet}}
}

func (r Relay) greet(ctx context.Context) Finding {
	cert, err := r.Greet(ctx)
	if err != nil {
		return fail("correct what the message names: smtp.host, port, tls, username or password_file, or the relay", "%s", err)
	}
	did := "takes connections"
	if r.Login {
		did = "takes the login"
	}
	if cert == nil {
		return pass("%s %s, without TLS", r.Name, did)
	}
	return gravest(pass("%s %s", r.Name, did), certificate(r.Name, cert, r.Now()))
}

// certificate looks how long a certificate that was taken still holds.
func certificate(of string, cert *x509.Certificate, now time.Time) Finding {
	left := cert.NotAfter.Sub(now)
	text := fmt.Sprintf("the certificate of %s ends in %d days, on %s", of, int(left.Hours()/24), cert.NotAfter.UTC().Format(time.DateOnly))
	const renew = "renew the certificate, and see why that does not happen by itself"
	switch {
	case left < certLate:
		return fail(renew, "%s", text)
	case left < certSoon:
		return warn(renew, "%s", text)
	}
	return pass("%s", text)
}

// A Site is what readers' links lead to.
type Site struct {
	BaseURL string
	Client  *http.Client // follows no redirect; see NewClient
	DNS     Resolver
	Nobody  string // an unsubscribe token of no reader
	Now     func() time.Time
}

// NewClient is how a site is asked: as a mail provider does for one-click
// (RFC 8058 §3.1), without cookies and without following redirects.
func NewClient(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Checks are those of a site.
func (s Site) Checks() []Check {
	return []Check{{"base-url", s.baseURL}, {"one-click", s.oneClick}}
}

// baseURL asks for the site as a reader does: by its name, through whatever is in
// front of it.
func (s Site) baseURL(ctx context.Context) Finding {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return fail("write site.base_url as https://digest.example.org", "%s", err)
	}
	reach := s.reachable(ctx, u.Hostname())
	if reach.Level == Fail {
		return reach
	}
	const front = "see that 'digest serve' runs, and that the proxy in front of it passes every path on"
	resp, err := s.ask(ctx, http.MethodGet, "/healthz", "")
	if err != nil {
		return fail(front, "%s", err)
	}
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(resp.body) != "ok" {
		return fail(front, "%s/healthz answers %s, and not as the program does", s.BaseURL, resp.Status)
	}
	found := []Finding{reach, pass("%s answers", s.BaseURL)}
	switch {
	case u.Scheme != "https":
		found = append(found, fail("put a proxy that does TLS in front, and write site.base_url with https", "%s is not https, so no mail program offers one-click unsubscription", s.BaseURL))
	case resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0:
		found = append(found, certificate(u.Host, resp.TLS.PeerCertificates[0], s.Now()))
	}
	return gravest(found...)
}

// reachable looks whether the host has an address that readers can reach.
func (s Site) reachable(ctx context.Context, host string) Finding {
	ips, err := s.DNS.LookupIPAddr(ctx, host)
	if err != nil {
		return fail("give "+host+" an address record, or correct site.base_url", "look up %s: %s", host, err)
	}
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip.IP); ok && isPublic(a) {
			return pass("%s has the public address %s", host, a.Unmap())
		}
	}
	return warn("give "+host+" an address record that readers reach, if this is not split DNS", "from here %s has no public address (%s)", host, ips[0].IP)
}

// oneClick posts what a mail provider posts, for a reader that does not exist:
// the program must answer, with its own words, and nothing in front may redirect,
// refuse or ask for a login.
func (s Site) oneClick(ctx context.Context) Finding {
	resp, err := s.ask(ctx, http.MethodPost, "/unsubscribe/"+s.Nobody, "List-Unsubscribe=One-Click")
	const front = "have the proxy pass POST /unsubscribe/… on as it is: no redirect, no login, no challenge, no filter"
	if err != nil {
		return fail(front, "%s", err)
	}
	var said struct {
		Error string `json:"error"`
	}
	ours := json.Unmarshal([]byte(resp.body), &said) == nil && said.Error != ""
	switch {
	case resp.StatusCode == http.StatusNotFound && ours && len(resp.Cookies()) == 0:
		return pass("a one-click request for a link of nobody reaches the program and is refused by it")
	case resp.StatusCode == http.StatusTooManyRequests && ours:
		return warn("try again in an hour", "the program has had too many unknown links from here to answer")
	case resp.StatusCode/100 == 3:
		return fail(front, "a one-click request is redirected to %s; mail providers follow no redirect (RFC 8058 §3.1)", resp.Header.Get("Location"))
	case ours && len(resp.Cookies()) > 0:
		return warn("have the proxy set no cookie on /unsubscribe/…", "something in front sets a cookie on one-click requests")
	}
	return fail(front, "a one-click request is answered %s, and not by the program", resp.Status)
}

// An answer is a response whose body was read.
type answer struct {
	*http.Response
	body string
}

const mostBody = 64 << 10

func (s Site) ask(ctx context.Context, method, path, form string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.BaseURL+path, strings.NewReader(form))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "digest-doctor")
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	return answer{resp, string(body)}, errors.Join(err, resp.Body.Close())
}
