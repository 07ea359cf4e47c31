// Package assembly makes the parts of the program and connects them: database,
// templates, keys, mail server, pipeline, desk, and what runs together in serve.
//
// The package promises that each method makes its part of what it is handed, and
// none fills a field for another to find; that a part which was not asked for is
// neither made nor needed, so that a draft can be looked at without a database
// and without a relay; that Close ends what was opened, the last first; and that
// an error in what a setting names says which setting.
//
// It reads in the order in which one part depends on another: database.go,
// mail.go, desk.go, serve.go; checkup.go is what doctor looks at.
package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
	"verdicts.example/digest/templates"
)

// Settings are what the settings say, in the terms of the packages that take it.
type Settings struct {
	Database    string            // a file, or a server's URL without its password
	Server      *postgres.Options // where a server has the database; nil: it is a file
	Journals    string            // the folder of the record beside it
	Node        string            // this process's name among several on a server; "": the host's
	Roles       []string          // what of serve runs here; none: all
	Templates   string            // the folder of the operator's own; "": the built-in ones
	Comparisons Comparisons
	Schedule    *schedule.Schedule
	Edition     pipeline.Settings // its calendar is the schedule's, its votes' rules those below
	Approvals   int               // how many have to approve at the desk
	Editors     []string
	Relay       Relay
	Keys        []KeyFile // that mail is signed with, for Edition.DKIMDomain
	Pacing      delivery.Pacing
	Votes       votes.Rules
	Signup      Signup
	Inbound     Inbound
	Checkup     Checkup
	Backup      Backup
	File        string       // of the settings; "" for none
	Warnings    []string     // what works and should not stay
	Again       func() Later // reads the settings again; nil: they stay as they are
	// Problem says of an error in a setting's value where the value stands. It is
	// nil for a nil error.
	Problem func(setting string, err error) error
}

// Later is what the settings' file says by now.
type Later struct {
	Settings Settings // the last good ones
	Version  string   // of the last good ones: another one is other settings
	Changed  []string // the settings that are other than those of the start
	Err      error    // of the file as it is now
}

// Comparisons says where the content comes from.
type Comparisons struct {
	Dir          string
	Feed         string // a JSON Feed; "": none
	AllowPrivate bool   // fetch from private and loopback addresses too
}

// Relay is the mail server.
type Relay struct {
	mailer.Config
	Mailbox string        // the folder of the built-in mail server; "": it is not used
	CAFile  string        // certificates to trust besides the system's; "": none
	Name    string        // for people
	Several []RelayServer // in place of the one
	Auto    bool          // how many connections it bears is found by trying
}

// rates are the limits of single relays, in messages a second.
func (r *Relay) rates() map[string]float64 {
	rates := map[string]float64{}
	for i := range r.Several {
		rates[r.Several[i].Name] = r.Several[i].Rate
	}
	return rates
}

// rateWords are the limits that there are, in words.
func (r *Relay) rateWords() string {
	var out []string
	for name, rate := range r.rates() {
		if rate > 0 {
			out = append(out, fmt.Sprintf("%s %v", name, rate))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// A RelayServer is one of several mail servers.
type RelayServer struct {
	mailer.Config
	CAFile, Name        string
	Weight, Connections int
	Rate                float64
	Auto                bool // as Relay's, up to Connections
}

// Add adds one of several servers, which is greeted as the others are.
func (r *Relay) Add(at mailer.Config, s RelayServer) {
	at.HELO, at.From, at.MaxMessages = r.HELO, r.From, r.MaxMessages
	s.Config = at
	r.Several = append(r.Several, s)
}

// A KeyFile is where a DKIM key is.
type KeyFile struct{ Setting, Selector, File string }

// Signup says who may post the sign-up form from where, and how often.
type Signup struct {
	Limits         web.Limits
	TrustedProxies []netip.Prefix
	AllowedOrigins []string
	Surge          subscribers.SurgeRule
}

// Checkup is what only doctor asks for.
type Checkup struct {
	Addresses  []netip.Prefix // from which the relay hands mail on
	BaseIsHere bool           // the site's address is this machine
	Private    []string       // files that only the program's user should read
	State      string         // the file that keeps what serve found and told
}

// Backup says where serve writes backups, and when.
type Backup struct {
	Dir      string // "": nowhere
	Schedule schedule.Cron
	Keep     int
}

// A Host is what the program gives to its parts.
type Host struct {
	Now      func() time.Time
	Log      *slog.Logger
	ShelfLog *slog.Logger                     // of what is wrong with comparisons; nil: nowhere
	Warn     func(format string, args ...any) // tells whoever runs the command
	Hint     func(error) string               // what an operator can do about an error; "" when nothing is known
}

// A Maker makes parts.
type Maker struct {
	in      Settings
	host    Host
	shelf   *library.Shelf
	mails   render.Parser
	closers []func() error
	claimed string       // the node's name that this process has
	keeper  *node.Keeper // of this process among the nodes of a server; nil: there are none
	first   *Maker       // of the settings of the start; nil: this is it
	db      *Database
	mu      sync.Mutex // over closers
	keep    bool       // a database that was begun stays
}

// New makes a maker. Nothing is opened by it.
func New(in Settings, host Host) *Maker {
	if host.ShelfLog == nil || !builds(in.Roles) {
		host.ShelfLog = slog.New(slog.DiscardHandler)
	}
	return &Maker{in: in, host: host, shelf: library.NewShelf(in.Comparisons.Dir, host.ShelfLog)}
}

// Close ends what the parts opened, the last first.
func (m *Maker) Close() error {
	var errs []error
	for i := len(m.closers) - 1; i >= 0; i-- {
		errs = append(errs, m.closers[i]())
	}
	m.closers = nil
	return errors.Join(errs...)
}

// Shelf has the comparisons, parsed.
func (m *Maker) Shelf() *library.Shelf { return m.shelf }

// Library gives the comparisons as they are on disk now. A folder that is not
// there is an error: an empty digest would hide a wrong path.
func (m *Maker) Library() (comparison.Library, error) {
	s, err := m.shelf.Refresh()
	if err != nil {
		return comparison.Library{}, fmt.Errorf("comparisons.dir: %w", err)
	}
	return s.Library, nil
}

// Puller takes what is new from the feed; nil when no feed is set.
func (m *Maker) Puller() *library.Puller {
	return library.NewPuller(m.shelf, m.in.Comparisons.Feed, m.in.Comparisons.AllowPrivate)
}

// CheckPages finds what is wrong with the templates of the readers' pages.
func (m *Maker) CheckPages() error {
	files, err := m.templates()
	if err != nil {
		return nil // the renderer says so
	}
	return web.CheckTemplates(files)
}

// templates are the operator's over the built-in ones.
func (m *Maker) templates() (fs.FS, error) { return templates.Overlay(m.in.Templates) }

// Renderer is of the templates as they are now.
func (m *Maker) Renderer() (*render.Renderer, error) {
	files, err := m.templates()
	if err != nil {
		return nil, err
	}
	return m.mails.Parse(files, m.in.Edition.Site)
}
