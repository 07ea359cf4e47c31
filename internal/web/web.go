// Package web serves what readers meet: the sign-up, the links in their mails,
// the archive and the feeds.
//
// The package promises: GET and HEAD change nothing, because mail scanners
// follow links; RFC 8058 one-click unsubscription works without cookie, Origin
// or redirect, and as often as it is sent; no answer tells whether an address
// is on the list; links come from the configured base URL, never from a
// request's Host; pages work without JavaScript and forbid it; no token and no
// address is written to a log, a metric or an error page.
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
	"verdicts.example/digest/subscribers"
)

// List is what the pages need of the subscribers' list: the sum of what each group
// of pages does with it.
type List interface {
	SignUps
	Leavers
	Choices
	FreshLinks
}

// SignUps are for those who come.
type SignUps interface {
	// SignUp takes a sign-up in; its answer and its time are the same whatever
	// the list knows of the address.
	SignUp(ctx context.Context, s subscribers.SignUp) error
	// UseWording names a text that sign-ups say was agreed to, by its version.
	UseWording(text string)
	// ConfirmInfo looks a confirmation token up and changes nothing.
	ConfirmInfo(ctx context.Context, token string) (subscribers.Subscriber, error)
	Confirm(ctx context.Context, token string) (subscribers.Subscriber, error)
	Decliners
}

// Decliners are for those whom somebody else has signed up.
type Decliners interface {
	// DeclineInfo looks a link to decline up and changes nothing; Decline takes the
	// sign-up back. Both fail with ErrExists once it was confirmed.
	DeclineInfo(ctx context.Context, token string) error
	Decline(ctx context.Context, token string) error
}

// Leavers are for those who leave, and come back.
type Leavers interface {
	// ByToken looks an unsubscribe token up and changes nothing.
	ByToken(ctx context.Context, token string) (subscribers.Subscriber, error)
	// Unsubscribe is idempotent; via says how the reader asked.
	Unsubscribe(ctx context.Context, token, via string) (subscribers.Subscriber, error)
	// RequestLeave mails who is on the list a fresh link to leave; its answer and
	// its time are the same for every address.
	RequestLeave(ctx context.Context, email string, ip netip.Addr) error
	// RequestLinks mails who is on the list their own links to a page's comparison;
	// its answer and its time are the same for every address.
	RequestLinks(ctx context.Context, email string, p subscribers.Page, ip netip.Addr) error
	// Rejoin mails a fresh confirmation to the link's reader, who has left.
	Rejoin(ctx context.Context, token string, ip netip.Addr) error
}

// Choices are what a reader chooses behind a link in a mail. Whoever has the link
// may not be the reader.
type Choices interface {
	ByLink(ctx context.Context, p subscribers.Purpose, token string) (subscribers.Subscriber, error)
	SetTopics(ctx context.Context, token string, categories []string) (subscribers.Subscriber, error)
	Pause(ctx context.Context, token string, until time.Time) (subscribers.Subscriber, error)
	// AskFreshLink mails the reader a link for what a forwarded mail must not allow.
	AskFreshLink(ctx context.Context, token string, p subscribers.Purpose) error
}

// FreshLinks are the acts behind a link that the reader asked for. Each but
// FreshLinkInfo uses its link.
type FreshLinks interface {
	FreshLinkInfo(ctx context.Context, token string) (subscribers.FreshLink, error)
	About(ctx context.Context, token string) (subscribers.About, error)
	ChangeAddress(ctx context.Context, token, name, email string) (subscribers.Subscriber, error)
	MoveTo(ctx context.Context, token string) (subscribers.Subscriber, error)
	EraseByLink(ctx context.Context, token string) error
}

// Editions gives the editions and their content. The pages show only those that
// are sent or being sent.
type Editions interface {
	// List gives all editions, the oldest week first.
	List(ctx context.Context) ([]edition.Edition, error)
	// Builds gives the week's builds, the current one first.
	Builds(ctx context.Context, w edition.Week) ([]edition.Build, error)
}

// Recorder counts what happens. Its labels come from small fixed sets.
type Recorder interface {
	Request(route, method string, status int, took time.Duration)
	SignUp(outcome string)
	Confirmed()
	LeaveReason(reason string)
}

// Site is what the pages say of the list.
type Site struct {
	Name          string
	BaseURL       string // no trailing slash; the pages are at its path, and without it for proxies that strip it
	PostalAddress string
	Location      *time.Location // the list's time zone; nil is UTC
}

// Imprint is the publisher's name and postal address in one line, the name once.
func (s Site) Imprint() string { return wording.Imprint(s.Name, s.PostalAddress) }

// Deps is everything the handler works with. Votes, Saved, Reasons, Recorder, Ready, NextSend,
// Mailbox, Inbound and Desk may be nil.
type Deps struct {
	Site      Site
	Templates fs.FS // holds pages/
	List      List
	Editions  Editions
	Library   func() *library.Snapshot        // as it is now
	NextSend  func(after time.Time) time.Time // the schedule's next send after an instant; zero when there is none
	Ready     func(context.Context) error     // nil error: ready to serve
	Warnings  func() []string                 // what does not keep it from serving; nil: nothing
	Mailbox   http.Handler                    // the built-in mailbox's pages, for /mailbox; nil: it is not the mail server
	Inbound   http.Handler                    // what providers post of mails that came back, for /inbound/; nil: nothing is taken
	Desk      http.Handler                    // the editors' desk, for /desk/, behind its own login; nil: there is none
	Votes     Votes                           // nil: readers cannot vote
	VoteRules votes.Rules
	Saved     Saved         // nil: readers cannot save
	Reasons   Reasons       // nil: who leaves is not asked why
	Mails     edition.Mails // nil: what was mailed is not told
	Recorder  Recorder
	Logger    *slog.Logger
	Now       func() time.Time

	Limits         Limits         // the zero value has none
	TrustedProxies []netip.Prefix // only these may say X-Forwarded-For
	AllowedOrigins []string       // "https://www.example.org": sites that embed the sign-up form
}

// server holds what the handlers share.
type server struct {
	Deps
	base     *url.URL
	root     string // the base URL's path as it is written, "" at a host's root: what page links start with
	kit      *page.Kit
	css      page.Asset
	icon     *page.Answer
	script   *page.Answer // of the embedded form
	wording  string       // the version of what the form says
	origins  *origins
	limits   *limiter
	mux      *http.ServeMux
	pictures *pictures

	untrusted sync.Once // see clientIP

	current  atomic.Pointer[shown]
	cast     atomic.Uint64 // votes cast here; see isNew
	renewing sync.Mutex    // one renews current at a time
}

// New makes the public handler. It fails on a base URL, an allowed origin or a
// page template that is no good.
func New(d Deps) (http.Handler, error) {
	if d.Site.Location == nil {
		d.Site.Location = time.UTC
	}
	if d.Recorder == nil {
		d.Recorder = noRecorder{}
	}
	d.Site.BaseURL = strings.TrimRight(d.Site.BaseURL, "/")
	base, err := url.Parse(d.Site.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("site.base_url %q: write the public address of these pages, such as https://news.example.org", d.Site.BaseURL)
	}
	s := &server{Deps: d, base: base, root: base.EscapedPath(), limits: newLimiter(d.Limits, d.Now)}
	if s.origins, err = newOrigins(base, d.AllowedOrigins); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	if s.pictures, err = newPictures(s.Site.Name); err != nil {
		return nil, err
	}
	s.mux = s.routes()
	guard := page.Guard{Policy: sitePolicy(), HSTS: base.Scheme == "https"}
	return s.belowRoot(s.observe(guard.Secure(s.guard(http.HandlerFunc(s.dispatch))))), nil
}

// load reads the templates and the files beside them.
func (s *server) load() error {
	var err error
	if s.kit, err = newKit(s.Templates, s.Logger); err != nil {
		return err
	}
	s.css, err = page.Sheet("/assets/site.", page.File{FS: s.Templates, Name: "pages/tokens.css"}, page.File{FS: s.Templates, Name: "pages/site.css"})
	if err != nil {
		return err
	}
	icon, err := fs.ReadFile(s.Templates, "pages/favicon.svg")
	if err != nil {
		return fmt.Errorf("read the pages' icon: %w", err)
	}
	s.icon = page.NewAnswer("image/svg+xml", keepDay, icon)
	return s.loadEmbed()
}

// errNotFound is a page that does not exist; it becomes the 404 page.
var errNotFound = errors.New("no such page")

type noRecorder struct{}

func (noRecorder) Request(string, string, int, time.Duration) {}
func (noRecorder) SignUp(string)                              {}
func (noRecorder) Confirmed()                                 {}
func (noRecorder) LeaveReason(string)                         {}
