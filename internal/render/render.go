// Package render turns an edition into the mail that readers get: HTML with
// the CSS inlined, the same HTML before inlining, and a hand-written text part.
//
// The package promises that the same comparisons, templates and clock give the
// same bytes; that inlining happens once a mail, never once a reader (merge fields
// stand where readers' values will be); and that a style sheet outside the
// subset that the inliner gets right fails the rendering with selector, line
// and rule instead of giving a broken mail.
//
// The sizes: a digest aims at SizeBudget bytes of HTML and degrades by plan above
// it (shorter quotes, then the last comparisons as headlines with links); a
// mail above SizeLimit is an error, because Gmail would clip it and its
// unsubscribe link away.
package render

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"verdicts.example/digest/internal/wording"
)

// The sizes of a mail's HTML in bytes. Gmail clips at about 102 KB.
const (
	SizeBudget = 85_000
	SizeLimit  = 100_000
)

var (
	// ErrTemplate: a template does not parse or does not execute.
	ErrTemplate = errors.New("mail template")
	// ErrStyle: a style sheet leaves what can be inlined right, or kept.
	ErrStyle = errors.New("mail style sheet")
	// ErrSize: the HTML stays above SizeLimit even when degraded.
	ErrSize = errors.New("mail too large")
	// ErrMail: Mail was called with a name or data that it does not know.
	ErrMail = errors.New("mail")
)

// Site is what every mail says of its sender.
type Site struct {
	Name          string
	BaseURL       string // no trailing slash; every link starts with it, never with a request's Host
	PostalAddress string // CAN-SPAM 16 CFR 316.2(p): a valid physical postal address
}

// Imprint is the sender's name and postal address in one line, the name once.
func (s Site) Imprint() string { return wording.Imprint(s.Name, s.PostalAddress) }

// A Rendered mail is the same for every reader but for its merge fields.
type Rendered struct {
	Subject   string
	Preheader string
	HTML      string   // CSS inlined
	Uninlined string   // the same before inlining, for editors and for the oracle
	Text      string   // at most 78 columns, but for longer links, each on a line of its own
	Notes     []string // what was shortened or left out, for the editors
	Cuts      []string // those of Notes that keep the mail within the size budget
}

// A Renderer holds parsed templates and checked style sheets. It is safe for
// concurrent use.
type Renderer struct {
	site   Site
	styles styles
	mails  map[string]*mailTemplate
}

// New parses every mail template in templates (package templates' FS, or an
// operator's overlay), checks the style sheets, and executes each template
// once with sample data, so that a mistake shows before it can hold up a send.
// All mistakes come in one error, wrapping ErrTemplate or ErrStyle.
func New(templates fs.FS, site Site) (*Renderer, error) {
	base, err := url.Parse(site.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("site's base URL %q: want http:// or https:// and a host", site.BaseURL)
	}
	site.BaseURL = strings.TrimRight(site.BaseURL, "/")
	r := &Renderer{site: site, mails: make(map[string]*mailTemplate)}
	var wrong []error
	if r.styles, err = loadStyles(templates); err != nil {
		wrong = append(wrong, err)
	}
	for _, name := range mailNames() {
		m, err := parseMail(templates, name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		r.mails[name] = m
	}
	if len(wrong) == 0 {
		wrong = append(wrong, r.rehearse()...)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return r, nil
}
