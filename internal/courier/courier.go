// Package courier mails what waits in the outbox: confirmations, welcomes,
// goodbyes, and the editors' notices. It renders a mail as it sends it, and retries
// what a server does not accept.
//
// The package promises that an event is either mailed or given up with a recorded
// reason, that a confirmation holds nothing that a visitor typed but the address,
// and that a confirmation link's token exists only in the mail (its hash is stored).
// A server's reply means what it means in a send (package delivery): only a mailbox
// that does not exist ends an event at once. A mail whose reply
// was lost is sent again: two confirmations do no harm, where two digests would.
package courier

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/subscribers"
)

// An Outbox holds the events that wait.
type Outbox interface {
	Events
	// ComposeConfirm makes a confirmation's link, and gives its token.
	ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error)
	// ComposeFreshLink makes the link of an event that waits, and gives its token.
	ComposeFreshLink(ctx context.Context, e outbox.Event, p subscribers.Purpose, at time.Time) (string, error)
	// ComposeLogin makes the link of an editor's event that waits, and gives its token.
	ComposeLogin(ctx context.Context, e outbox.Event, next string, at time.Time) (string, error)
	Tell(ctx context.Context, recipients []string, p outbox.Payload, dedupe string, at time.Time) error
	Waiting(ctx context.Context) (n int, since time.Time, err error)
}

// Events are taken one at a time. Take leases one: a crash makes it due again.
type Events interface {
	Take(ctx context.Context, now time.Time) (outbox.Event, bool, error)
	Finish(ctx context.Context, e outbox.Event, at time.Time) error
	// Postpone puts an event back; PutBack does so as if it had not been tried.
	Postpone(ctx context.Context, id int64, next time.Time, reason string) error
	PutBack(ctx context.Context, id int64, next time.Time, reason string) error
	GiveUp(ctx context.Context, id int64, reason string, at time.Time) error
}

// A Renderer renders a mail by its name.
type Renderer interface {
	Mail(name string, data any) (render.Rendered, error)
}

// Parts are what a Courier works with.
type Parts struct {
	Outbox   Outbox
	Renderer Renderer
	Dialer   delivery.Dialer
	Sessions int // at once; 0, or more than 4: 4
	Signer   *message.Signer
	Sheet    Sheet
	Links    subscribers.Links // readers' own
	Editors  func() []string   // who are told, once a day, that the server refuses mail; nil: nobody
	Now      func() time.Time
	Log      *slog.Logger
}

// A Courier empties the outbox. Run one at a time.
type Courier struct {
	Parts
	works  atomic.Bool // the server has taken a mail since it last refused one for the operator's fault
	outage int         // rounds in a row that ended without a connection

	mu    sync.Mutex
	told  string // the trouble that the log has told of
	doubt int64  // the event of the first refusal, since a mail was taken, that said nothing of whom it speaks
}

// mostSessions is how many sessions the courier has at once: a send has its own,
// and servers count both.
const mostSessions = 4

// New makes a courier.
func New(p Parts) *Courier {
	if p.Sessions <= 0 || p.Sessions > mostSessions {
		p.Sessions = mostSessions
	}
	return &Courier{Parts: p}
}

// How long the courier waits before it looks into an empty outbox again, and
// before it calls a server again that it could not reach.
const (
	idle          = time.Second
	outageLongest = 5 * time.Minute
)

// Run works until ctx ends. What is under way then is finished and recorded.
func (c *Courier) Run(ctx context.Context) error {
	for {
		n, err := c.Deliver(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, errNoServer) {
			c.Log.Error("can't work through the outbox", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.wait(err)):
		}
	}
}

// wait is how long to wait after a round.
func (c *Courier) wait(err error) time.Duration {
	if !errors.Is(err, errNoServer) {
		c.outage = 0
		return idle
	}
	c.outage++
	d := min(idle<<min(c.outage, 12), outageLongest)
	return d/2 + rand.N(d/2+1)
}

// errNoServer ends a round: there is no session to be had, or none that lets
// anybody's mail pass.
var errNoServer = errors.New("the mail server accepts no mail")

// Deliver tells what is due and returns how many events it took. A session
// serves one event after another; as long as mails are taken and more are due,
// further sessions help, Sessions at most. Its error is the database's, or
// errNoServer.
func (c *Courier) Deliver(ctx context.Context) (int, error) {
	r := round{c: c}
	r.workers.SetLimit(c.Sessions)
	r.workers.Go(func() error { return r.work(ctx) })
	err := r.workers.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return int(r.taken.Load()), err
}

// A round is one Deliver.
type round struct {
	c       *Courier
	workers errgroup.Group
	taken   atomic.Int64
	over    atomic.Bool // a worker failed: nobody takes another event
}

func (r *round) work(ctx context.Context) error {
	l := line{dialer: r.c.Dialer, log: r.c.Log}
	defer l.hangUp()
	for ctx.Err() == nil && !r.over.Load() {
		e, ok, err := r.c.Outbox.Take(ctx, r.c.Now())
		if err == nil && !ok {
			return nil
		}
		if err == nil {
			r.taken.Add(1)
			err = r.c.tell(ctx, &l, e)
		}
		if err != nil {
			r.over.Store(true)
			return err
		}
		if l.session != nil {
			r.workers.TryGo(func() error { return r.work(ctx) })
		}
	}
	return nil
}

// tell tells one event over the line.
func (c *Courier) tell(ctx context.Context, l *line, e outbox.Event) error {
	msg, err := c.compose(ctx, e)
	switch {
	case errors.Is(err, subscribers.ErrNotFound), errors.Is(err, outbox.ErrWithdrawn): // the reader left meanwhile
		return c.Outbox.GiveUp(ctx, e.ID, err.Error(), c.Now())
	case err != nil:
		c.Log.Error("can't compose a mail", "kind", string(e.Kind), "error", err)
		return c.postpone(ctx, e, err.Error())
	}
	res, v := l.send(ctx, delivery.Mail{
		Envelope: delivery.Envelope{From: c.envelopeFrom(e), To: e.Recipient},
		Message:  delivery.Whole(msg),
	})
	ctx = context.WithoutCancel(ctx) // what has happened is recorded, or it would happen again
	return c.settle(ctx, e, res, v)
}

// settle records what an attempt came to.
func (c *Courier) settle(ctx context.Context, e outbox.Event, res delivery.Result, v delivery.Verdict) error {
	aboutMail := res.Phase == delivery.PhaseRcpt || res.Phase >= delivery.PhaseDot
	why := reason(res)
	switch {
	case v.State == delivery.Accepted:
		if e.Subscriber.ID != 0 { // an editor's server may be the relay itself
			c.accepted()
		}
		c.Log.Info("mail sent", "kind", string(e.Kind))
		return c.Outbox.Finish(ctx, e, c.Now())
	case v.State == delivery.Failed && (v.Fault == delivery.HardFault || c.works.Load() && !v.Fault.Undecided() && !v.Vague):
		c.Log.Warn("mail refused", "kind", string(e.Kind), "reply", why)
		return c.Outbox.GiveUp(ctx, e.ID, why, c.Now())
	case v.Vague && c.works.Load() && c.aloneWith(e):
		c.Log.Info("mail refused for now; it will be retried", "kind", string(e.Kind), "attempt", e.Attempts, "reply", why)
		return c.postpone(ctx, e, why)
	case aboutMail && !v.Reconnect(): // greylisting, no answer, or a policy that may change
		if c.trouble(ctx, "the mail server refused a mail; it will be retried", e, why, v.State != delivery.Deferred || c.heeds(e, res)) {
			c.tellEditors(ctx, e, why)
		}
		return c.postpone(ctx, e, why)
	}
	if v.Reconnect() && res.Code == 0 && res.Phase >= delivery.PhaseMail && c.aloneWith(e) {
		c.trouble(ctx, "the mail server went away in mid-message; it will be retried", e, why, true)
		return c.postpone(ctx, e, why) // it may break at this one: the others go first
	}
	if c.trouble(ctx, "the mail server accepts no mail; it will be retried", e, why, true) && (!v.Reconnect() || c.heeds(e, res)) {
		c.tellEditors(ctx, e, why)
	}
	return c.putBack(ctx, e, why)
}

// heeds reports whether the editors are to know of a refusal at once although it is
// only for now: no waiting changes it, and a send tells of it too. What the account
// may not do is believed when a second mail is refused for it.
func (c *Courier) heeds(e outbox.Event, res delivery.Result) bool {
	row, ok := delivery.Explain(res)
	return ok && row.Then != refusal.Nothing && (row.Fault != refusal.Account || !c.aloneWith(e))
}

// trouble warns of what an operator must fix: once, until a mail is taken or
// the server says something else. It reports whether it did.
func (c *Courier) trouble(ctx context.Context, what string, e outbox.Event, why string, fault bool) (news bool) {
	level := slog.LevelInfo
	if fault {
		c.works.Store(false)
		c.mu.Lock()
		if c.told != why {
			level = slog.LevelWarn
		}
		c.told = why
		c.mu.Unlock()
	}
	c.Log.Log(ctx, level, what, "kind", string(e.Kind), "attempt", e.Attempts, "reply", why)
	return level == slog.LevelWarn
}

// tellEditors tells the editors that the server refuses mail: it may well take
// theirs, or does again before anybody looks into the log. Once a day.
func (c *Courier) tellEditors(ctx context.Context, e outbox.Event, why string) {
	if e.Kind == outbox.KindRefused || c.Editors == nil {
		return
	}
	editors := c.Editors()
	if len(editors) == 0 {
		return
	}
	waiting, _, err := c.Outbox.Waiting(ctx)
	if err == nil {
		now := c.Now()
		p := outbox.Refused{Mail: e.Kind, Reply: why, At: now, Waiting: waiting}
		err = c.Outbox.Tell(ctx, editors, p, now.UTC().Format(time.DateOnly), now)
	}
	if err != nil {
		c.Log.Error("can't work through the outbox", "error", err)
	}
}

// aloneWith reports whether a refusal that says nothing of whom it speaks is one
// mail's so far: said of a second one, with none taken between, it is no reader's
// affair. A connection that is lost in mid-message is such a refusal.
func (c *Courier) aloneWith(e outbox.Event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doubt == 0 {
		c.doubt = e.ID
	}
	return c.doubt == e.ID
}

// accepted notes that a server took a reader's mail.
func (c *Courier) accepted() {
	c.works.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told != "" {
		c.Log.Info("the mail server accepts mail again")
	}
	c.told, c.doubt = "", 0
}

// postpone puts an event back for a time that grows with its attempts, or gives
// it up.
func (c *Courier) postpone(ctx context.Context, e outbox.Event, why string) error {
	next, ok := e.Retry(c.Now(), rand.Float64())
	if !ok {
		return c.giveUp(ctx, e, why)
	}
	return c.Outbox.Postpone(ctx, e.ID, next, why)
}

// putBack puts an event back that could not even be tried, and ends the round.
func (c *Courier) putBack(ctx context.Context, e outbox.Event, why string) error {
	now := c.Now()
	if e.Expired(now) {
		return c.giveUp(ctx, e, why)
	}
	return errors.Join(c.Outbox.PutBack(ctx, e.ID, now, why), errNoServer)
}

func (c *Courier) giveUp(ctx context.Context, e outbox.Event, why string) error {
	c.Log.Warn("gave up on a mail", "kind", string(e.Kind), "attempts", e.Attempts, "since", e.CreatedAt, "reply", why)
	return c.Outbox.GiveUp(ctx, e.ID, why, c.Now())
}

func reason(res delivery.Result) string {
	if res.Code == 0 && res.Err != nil {
		return delivery.WithoutAddresses(res.Err.Error())
	}
	return delivery.WithoutAddresses((&delivery.SMTPError{Result: res}).Error())
}
