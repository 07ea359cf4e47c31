// Package pipeline knows the order of the steps from comparisons to a send:
// pick, render, check, build, approve, freeze, deliver.
//
// The package promises that a draft is a pure function of the comparisons, the
// history, the templates and the clock; that what is frozen is byte for byte
// what was built and, where editors must approve, what they approved; and that
// an edition whose checks fail is not sent.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrChecks = errors.New("a check of the mail failed")
	ErrEarly  = errors.New("it is too early to send this edition")
	// ErrCorrection is a correction that is asked for the content of a week.
	ErrCorrection = errors.New("only its words can be sent")
	// ErrUnready is a refusal to mail readers with an example's settings.
	ErrUnready = errors.New("the settings are still the example's, so readers are not mailed")
)

// earliest is how long before its slot an edition may be sent by hand: a week
// and its day. A mistyped week of another year is no edition to send.
const earliest = 8 * 24 * time.Hour

// Settings is what the settings say of editions and mails.
type Settings struct {
	Site             render.Site
	Headers          Headers
	Calendar         edition.Calendar
	Options          edition.Options
	ApprovalRequired bool
	DKIMDomain       string // for the checks
	Unready          error  // what keeps these settings from mailing readers
	Detail           render.Detail
	Votes            votes.Rules
}

// A Ballot is what readers' votes come to.
type Ballot interface {
	Tallies(ctx context.Context) (votes.Tallies, error)
}

// A Renderer renders mails; *render.Renderer is one.
type Renderer interface {
	Digest(render.DigestInput) (render.Rendered, error)
	Cuts([]render.DigestInput) ([]render.Rendered, error)
	Mail(name string, data any) (render.Rendered, error)
	Traced(render.DigestInput) (string, error)
}

// An Archive is the editions' record; nil fields of Parts mean that there is no
// database: drafts can be made then, nothing else.
type Archive interface {
	edition.Store
	edition.Transactor
	edition.Keeper
	edition.EditStore
	edition.Amender
	edition.Mails
}

// Saved is what readers were told of what they saved.
type Saved interface {
	Kept(ctx context.Context) ([]saved.Kept, error)
	Told(ctx context.Context, edition int64) (saved.Told, error)
	Of(ctx context.Context, reader int64) ([]saved.Item, error)
}

// Parts are what the pipeline works with.
type Parts struct {
	Settings  Settings
	Library   func() (comparison.Library, error)
	Behind    func() error // why the library may lack what is new; nil, or giving nil: it does not
	Renderer  Renderer
	Archive   Archive
	Freezer   delivery.Freezer
	Transport Transport
	Notices   Noticeboard
	Readers   Readers         // nil: the notices do not say how many
	Ballot    Ballot          // nil: nobody votes
	Saved     Saved           // nil: nobody saves
	Editors   func() []string // whom notices go to; nil: nobody
	CatchUp   time.Duration   // for what the notices say
	// Proof gives the hash of the proof that 'verify --export' writes of a week's
	// send; nil: the report does not say.
	Proof  func(ctx context.Context, w edition.Week) (string, error)
	Tagger *message.Tagger
	Links  subscribers.Links // the readers' own links in mails
	Signer *message.Signer
	Now    func() time.Time
	Log    *slog.Logger
}

// A Pipeline takes editions through their steps. It is safe for concurrent use.
type Pipeline struct {
	parts Parts
	signs *signs
	share *delivery.Share
	froze frozenHere
}

// New makes a pipeline. What it works with is settled then.
func New(p Parts) *Pipeline {
	alive := &signs{editions: map[int64]time.Time{}}
	if p.Transport.Leases != nil {
		p.Transport.Leases = watchedLeases{p.Transport.Leases, alive}
	}
	if p.Transport.Quotas == nil {
		p.Transport.Quotas = delivery.NewQuotas(p.Now)
	}
	return &Pipeline{parts: p, signs: alive, share: delivery.NewShare(p.Transport.Pacing, p.Transport.Relays, p.Now)}
}

// CurrentWeek is the ISO week of now in the list's time zone.
func (p *Pipeline) CurrentWeek() edition.Week {
	return edition.WeekOf(p.parts.Now().In(p.parts.Settings.Calendar.Zone))
}

// history is every week's recorded edition, none without a database.
func (p *Pipeline) history(ctx context.Context) ([]edition.Edition, error) {
	list, err := p.all(ctx)
	return edition.Weekly(list), err
}

// all are the editions and their corrections.
func (p *Pipeline) all(ctx context.Context) ([]edition.Edition, error) {
	if p.parts.Archive == nil {
		return nil, nil
	}
	list, err := p.parts.Archive.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the editions: %w", err)
	}
	return list, nil
}
