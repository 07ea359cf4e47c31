// Package fetch reads content by URL: pages to import and feeds.
//
// A URL comes from outside, so the package promises that it cannot be used to
// reach inside: only http and https, and only addresses on the public Internet,
// checked on the address that is really dialled, after name resolution and
// again on every redirect. A fetch takes no longer and brings no more than the
// limits say. Proxies of the environment are not used: behind one, nothing
// could be checked.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrURL       = errors.New("not a URL that can be fetched")
	ErrPrivate   = errors.New("not an address on the public Internet")
	ErrTooLarge  = errors.New("the answer is too large")
	ErrTooSlow   = errors.New("the answer took too long")
	ErrRedirects = errors.New("redirected too often")
	ErrStatus    = errors.New("the server did not answer with the content") // every *StatusError is one

	ErrNotModified = errors.New("the content is still the same") // GetNewer only
)

// The limits where Options names none.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultMaxBytes = 5 << 20
	maxRedirects    = 5
)

// Options sets a Client up; the zero value is right for production.
type Options struct {
	AllowPrivate bool          // fetch from private and loopback addresses, too (comparisons.allow_private)
	Timeout      time.Duration // for one fetch with its redirects; 0: DefaultTimeout
	MaxBytes     int64         // of the decoded body; 0: DefaultMaxBytes
}

// A Client fetches. It may be used by several goroutines at once.
type Client struct {
	http     *http.Client
	timeout  time.Duration
	maxBytes int64
}

// New makes a client.
func New(o Options) *Client {
	if o.AllowPrivate {
		return newClient(o, nil, func(netip.AddrPort) error { return nil })
	}
	g := newGuard()
	return newClient(o, nil, func(a netip.AddrPort) error { return g.check(a.Addr()) })
}

// newClient makes a client that dials what check allows; a nil resolver is the
// system's.
func newClient(o Options, resolver *net.Resolver, check func(netip.AddrPort) error) *Client {
	c := &Client{timeout: o.Timeout, maxBytes: o.MaxBytes}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.maxBytes <= 0 {
		c.maxBytes = DefaultMaxBytes
	}
	dialer := &net.Dialer{Resolver: resolver, Control: func(_, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrPrivate, address)
		}
		return check(addr)
	}}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true, // fetches are minutes apart; an idle connection would outlive its owner
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: checkRedirect,
	}
	return c
}

// checkRedirect follows to what Get itself would fetch, but never from https
// to http, where anyone on the way could change the content.
func checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d times", ErrRedirects, maxRedirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme == "http" {
		return fmt.Errorf("%w: redirected from https to http", ErrURL)
	}
	return checkURL(next.URL)
}

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: it must begin with https:// or http://", ErrURL)
	case u.Hostname() == "":
		return fmt.Errorf("%w: it names no host", ErrURL)
	case u.User != nil:
		return fmt.Errorf("%w: it holds a user name or a password", ErrURL)
	}
	return nil
}

// Get fetches a URL's body. Errors are the sentinels above with the reason, a
// *StatusError, or ctx's; none holds a password or a query (see Shown).
func (c *Client) Get(ctx context.Context, rawURL string) ([]byte, error) {
	body, _, err := c.GetNewer(ctx, rawURL, Version{})
	return body, err
}

// GetNewer is Get unless the server still has the version that the caller has:
// then it fails with ErrNotModified. The zero Version asks for any.
func (c *Client) GetNewer(ctx context.Context, rawURL string, have Version) ([]byte, Version, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, have, fmt.Errorf("fetch: %w: it is malformed", ErrURL) // without it: it may hold a password
	}
	if err := checkURL(u); err != nil {
		return nil, have, fmt.Errorf("fetch %s: %w", shown(u), err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, ErrTooSlow)
	defer cancel()
	body, version, err := c.get(ctx, u, have)
	if err == nil {
		return body, version, nil
	}
	if errors.Is(context.Cause(ctx), ErrTooSlow) {
		err = fmt.Errorf("%w: more than %s", ErrTooSlow, c.timeout)
	}
	return nil, have, fmt.Errorf("fetch %s: %w", shown(u), withoutURL(err))
}

func (c *Client) get(ctx context.Context, u *url.URL, have Version) ([]byte, Version, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, have, err
	}
	req.Header.Set("User-Agent", "digest (+newsletter content import)")
	req.Header.Set("Accept", "text/html, application/feed+json, application/json, application/yaml, text/plain, */*;q=0.1")
	have.ask(req.Header)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, have, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotModified && have != Version{}:
		return nil, have, ErrNotModified
	case res.StatusCode != http.StatusOK:
		return nil, have, &StatusError{Code: res.StatusCode}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, c.maxBytes+1))
	if err != nil {
		return nil, have, err
	}
	if int64(len(body)) > c.maxBytes {
		return nil, have, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.maxBytes)
	}
	return body, versionOf(res.Header), nil
}

// Shown is a URL as messages and logs may have it: its query and its user may be
// keys to what is behind it.
func Shown(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "a malformed URL"
	}
	return shown(u)
}

func shown(u *url.URL) string {
	s := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	if u.RawQuery != "" {
		s += "?…"
	}
	return s
}

// withoutURL takes the URL out of an error that is wrapped in a text with it.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// A StatusError is an answer other than 200.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	if text := http.StatusText(e.Code); text != "" {
		return fmt.Sprintf("the server answered %d %s", e.Code, text)
	}
	return fmt.Sprintf("the server answered %d", e.Code)
}

// Is makes every StatusError an ErrStatus.
func (e *StatusError) Is(target error) bool { return target == ErrStatus }
