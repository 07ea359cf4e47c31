package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outage"
	"verdicts.example/digest/internal/render"
)

// Transport is what deliveries go through; a pipeline that only drafts and
// builds has none.
type Transport struct {
	delivery.Ledger
	Notices delivery.Notices
	Dialer  delivery.Dialer
	Single  SingleSender
	Pacing  delivery.Pacing
	Relays  delivery.Relays // how the servers behind Dialer stand; nil where there is one
	Quotas  delivery.Quotas // divide the limits among all nodes; nil: this process is alone
	Holder  string          // names this process to people whom its lease keeps out
}

// A SingleSender sends one message outside of an edition.
type SingleSender interface {
	SendOne(ctx context.Context, env delivery.Envelope, msg []byte) delivery.Result
}

// DeliverOptions are one run's.
type DeliverOptions struct {
	Stay     bool  // until every delivery is final; else until final or deferred
	Limit    int64 // at most so many messages; 0: no limit
	Now      bool  // without a first part, and without the wait after one
	Progress *delivery.Progress
}

// Deliver sends a frozen edition; see delivery.Run for its errors. The editors
// get the report when every delivery is final, and a notice when it pauses.
func (p *Pipeline) Deliver(ctx context.Context, w edition.Week, o DeliverOptions) (delivery.Summary, error) {
	if err := p.unready(); err != nil {
		return delivery.Summary{}, err
	}
	e, err := p.parts.Archive.Find(ctx, w)
	if err != nil {
		return delivery.Summary{}, err
	}
	c, err := p.composer(ctx, w)
	if err != nil {
		return delivery.Summary{}, err
	}
	if p.parts.Saved != nil {
		if c.told, err = p.parts.Saved.Told(ctx, e.ID); err != nil {
			return delivery.Summary{}, err
		}
	}
	if err := p.checkSender(ctx, e); err != nil {
		return delivery.Summary{}, err
	}
	t := p.parts.Transport
	waited := false
	if o.Now {
		t.Pacing.Canary = delivery.Canary{}
		if waited, err = p.endWait(ctx, e.ID); err != nil {
			return delivery.Summary{}, err
		}
	}
	sum, err := delivery.Run(ctx, delivery.Options{
		Ledger: t.Ledger, Edition: e.ID, Dialer: t.Dialer, Composer: c, Pacing: t.Pacing, Quotas: t.Quotas, Share: p.share, Relays: t.Relays, Holder: t.Holder,
		Log: p.parts.Log, Now: p.parts.Now, Stay: o.Stay, Limit: o.Limit, Progress: o.Progress,
	})
	if waited && errors.Is(err, delivery.ErrLocked) {
		sum.WaitOver, err = true, nil // the sender at work looks for it
	}
	// The editors are told even when the caller wants the end.
	return sum, errors.Join(err, p.announce(context.WithoutCancel(ctx)))
}

// endWait ends the wait after a first part, and reports whether there was one.
func (p *Pipeline) endWait(ctx context.Context, id int64) (bool, error) {
	info, err := p.parts.Transport.Store.Info(ctx, id)
	if err != nil {
		return false, err
	}
	return info.Canary.Pending(p.parts.Now()), p.parts.Transport.Store.EndCanary(ctx, id, p.parts.Now(), false)
}

// checkSender pauses a send whose sender is not the one that was frozen: some
// readers would have the same mail from two.
func (p *Pipeline) checkSender(ctx context.Context, e edition.Edition) error {
	what, err := p.differs(ctx, e.Week)
	if err != nil || what == "" || e.State != edition.Sending || e.PauseReason != "" {
		return err
	}
	w, reason := e.Week, "the sender has changed since the edition was frozen: "+what
	err = p.parts.Archive.Together(ctx, func(ctx context.Context) error {
		if e, err = p.parts.Archive.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) { return e.Pause(reason) }); err != nil {
			return err
		}
		return p.tellHeld(ctx, e, reason)
	})
	if err != nil {
		return err
	}
	return &delivery.PauseError{Reason: e.PauseReason}
}

// Test sends the edition of week w as it would be built now to one address,
// with links that do nothing. It touches no record.
func (p *Pipeline) Test(ctx context.Context, w edition.Week, to string) (Draft, error) {
	d, err := p.Mail(ctx, w)
	if err != nil {
		return d, err
	}
	if d.Selection.Nothing() {
		return d, fmt.Errorf("edition %s has nothing to show: %w", w, edition.ErrNothing)
	}
	b := d.Build
	b.Subject = "[Test] " + b.Subject
	frozen, err := p.freeze(b, p.dateFor(d.Plan.Slot))
	if err != nil {
		return d, err
	}
	reader := SampleReader(p.parts.Settings.Headers.From.Address)
	reader.Email = to
	reader.MessageID = message.NewMessageID(domainOf(p.parts.Settings.Headers.From.Address))
	if err := reader.Check(); err != nil {
		return d, err
	}
	return d, p.sendTest(ctx, to, frozen.Append(nil, reader))
}

// TestOther sends one of the other mails, with a sample's words, to one address.
func (p *Pipeline) TestOther(ctx context.Context, mail render.Rendered, to string) error {
	h := p.parts.Settings.Headers
	msg, err := message.Transactional(message.TxDraft{
		Mail: message.Mail{
			From:    h.From,
			ReplyTo: h.ReplyTo,
			Subject: "[Test] " + mail.Subject,
			HTML:    mail.HTML,
			Text:    mail.Text,
			Date:    p.parts.Now().In(p.parts.Settings.Calendar.Zone),
			BaseURL: p.parts.Settings.Site.BaseURL,
		},
		To: message.Reader{Email: to},
	})
	if err != nil {
		return err
	}
	return p.sendTest(ctx, to, msg)
}

// sendTest signs a message and hands it to the mail server.
func (p *Pipeline) sendTest(ctx context.Context, to string, msg []byte) error {
	msg, err := p.parts.Signer.Sign(msg)
	if err != nil {
		return err
	}
	env := delivery.Envelope{From: p.parts.Settings.Headers.From.Address, To: to}
	res := p.parts.Transport.Single.SendOne(ctx, env, msg)
	if res.Accepted() {
		return nil
	}
	if res.Code == 0 {
		return fmt.Errorf("send the test: %w: %w", delivery.ErrUnreachable, res.Err)
	}
	return fmt.Errorf("send the test: the server says: %w", &delivery.SMTPError{Result: res})
}

const (
	// sweep is how often a running program looks for editions to send.
	sweep = 2 * time.Second
	// handOver is how long an edition is left to the process that froze it, as 'send' is
	// about to send what it has frozen.
	handOver = 2 * time.Second
)

// frozenHere are the weeks that this process has frozen.
type frozenHere struct{ weeks sync.Map }

func (f *frozenHere) note(w edition.Week) { f.weeks.Store(w, true) }

// others reports whether another process has just frozen an edition, and will send it.
func (f *frozenHere) others(e edition.Edition, now time.Time) bool {
	_, here := f.weeks.Load(e.Week)
	age := now.Sub(e.FrozenAt)
	return !here && age >= 0 && age < handOver // one from ahead is of a clock that is wrong
}

// Run sends the editions that are released, side by side, until ctx ends: one
// that waits for a retry keeps no other. It stays with an edition until each of
// its deliveries is final.
func (p *Pipeline) Run(ctx context.Context) error {
	sends := &sends{running: map[edition.Week]bool{}}
	defer sends.all.Wait()
	if err := p.announce(ctx); err != nil { // of a process that died
		p.parts.Log.Error("can't tell the editors how sends ended; they are told with the next send's end", "error", err)
	}
	for {
		p.signs.look()
		p.sendReleased(ctx, sends)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sweep):
		}
	}
}

// sends are the editions that a program is sending now.
type sends struct {
	all     sync.WaitGroup
	mu      sync.Mutex
	running map[edition.Week]bool
}

// begin runs fn for an edition that is not being sent yet.
func (s *sends) begin(w edition.Week, fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[w] {
		return
	}
	s.running[w] = true
	s.all.Go(func() {
		fn()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, w)
	})
}

func (p *Pipeline) sendReleased(ctx context.Context, s *sends) {
	list, err := p.all(ctx)
	if err != nil {
		p.parts.Log.Error("can't read which editions are to be sent; trying again", "error", err)
		return
	}
	for _, e := range list {
		if e.State != edition.Sending || e.PauseReason != "" || ctx.Err() != nil || p.froze.others(e, p.parts.Now()) {
			continue
		}
		s.begin(e.Week, func() { p.stayWith(ctx, e.Week) })
	}
}

// otherNodes is how soon a send looks again whether the other nodes have compared their
// journals.
const otherNodes = 5 * time.Second

func (p *Pipeline) stayWith(ctx context.Context, w edition.Week) {
	sum, err := p.Deliver(ctx, w, DeliverOptions{Stay: true})
	switch {
	case err == nil || ctx.Err() != nil:
		p.parts.Log.Info("send ended", "week", w.String(), "finished", sum.Finished, "accepted", sum.Counts[delivery.Accepted])
	case errors.Is(err, delivery.ErrLocked):
		p.parts.Log.Debug("another process is sending", "week", w.String())
	default:
		again := time.Minute // not in a hot loop
		if errors.Is(err, delivery.ErrServerMoved) {
			again = otherNodes
		}
		p.parts.Log.Error("the send was broken off; trying again", "week", w.String(), "in", again.String(), "error", outage.Lasting{Of: w.String(), Err: err})
		pauseFor(ctx, again)
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
