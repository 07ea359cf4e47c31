// Package courier delivers the transactional mails: confirmations, welcomes,
// goodbyes, and the editors' mails. It takes them from the outbox, renders them
// when they leave, and retries what a server does not take.
//
// The package promises that a queued mail is sent or given up with a recorded
// reason, that nothing a visitor typed stands in a confirmation but the address,
// and that a confirmation link's token exists only in the mail (its hash is
// stored). A mail whose reply was lost is sent again: two confirmations do no
// harm, where two digests would (package delivery).
package courier

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/subscribers"
)

// An Outbox holds the mails that wait. TakeMail leases one: a crash makes it due
// again.
type Outbox interface {
	TakeMail(ctx context.Context, now time.Time) (subscribers.Mail, bool, error)
	FinishMail(ctx context.Context, id int64, at time.Time) error
	RetryMail(ctx context.Context, id int64, next time.Time, reason string) (gaveUp bool, err error)
	AbandonMail(ctx context.Context, id int64, reason string, at time.Time) error
	ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error)
}

// A Renderer renders a mail by its name.
type Renderer interface {
	Mail(name string, data any) (render.Rendered, error)
}

// A Sender sends one message over SMTP.
type Sender interface {
	SendOne(ctx context.Context, env delivery.Envelope, msg []byte) delivery.Result
}

// Parts are what a Courier works with.
type Parts struct {
	Outbox   Outbox
	Renderer Renderer
	Sender   Sender
	Signer   *message.Signer
	Sheet    Sheet
	Now      func() time.Time
	Log      *slog.Logger
}

// A Courier empties the outbox. Run one at a time.
type Courier struct{ Parts }

// New makes a courier.
func New(p Parts) *Courier { return &Courier{p} }

// idle is how long the courier waits before it looks into an empty outbox again.
const idle = time.Second

// Run works until ctx ends. What is under way then is finished and recorded.
func (c *Courier) Run(ctx context.Context) error {
	for {
		n, err := c.Deliver(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			c.Log.Error("outbox", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(idle):
		}
	}
}

// Deliver takes the mails that are due, one after the other, and returns how
// many it took. Its error is the database's: a mail that fails is retried.
func (c *Courier) Deliver(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		m, ok, err := c.Outbox.TakeMail(ctx, c.Now())
		if err != nil || !ok {
			return n, err
		}
		if err := c.deliver(ctx, m); err != nil {
			return n, err
		}
	}
}

func (c *Courier) deliver(ctx context.Context, m subscribers.Mail) error {
	msg, err := c.compose(ctx, m)
	switch {
	case errors.Is(err, subscribers.ErrNotFound): // the reader left meanwhile
		return c.Outbox.AbandonMail(ctx, m.ID, err.Error(), c.Now())
	case err != nil:
		return c.retry(ctx, m, err.Error())
	}
	env := delivery.Envelope{From: c.Sheet.From.Address, To: m.Recipient}
	res := c.Sender.SendOne(ctx, env, msg)
	ctx = context.WithoutCancel(ctx) // what has happened is recorded, or it would happen again
	switch {
	case res.Accepted():
		c.Log.Info("mail sent", "kind", m.Kind)
		return c.Outbox.FinishMail(ctx, m.ID, c.Now())
	case res.Code/100 == 5 && (res.Phase == delivery.PhaseRcpt || res.Phase == delivery.PhaseDot):
		c.Log.Warn("mail refused", "kind", m.Kind, "code", res.Code, "status", res.Enhanced)
		return c.Outbox.AbandonMail(ctx, m.ID, reason(res), c.Now())
	}
	return c.retry(ctx, m, reason(res))
}

func (c *Courier) retry(ctx context.Context, m subscribers.Mail, why string) error {
	gaveUp, err := c.Outbox.RetryMail(ctx, m.ID, c.Now().Add(backoff(m.Attempts)), why)
	if err != nil {
		return err
	}
	c.Log.Warn("mail not sent", "kind", m.Kind, "attempt", m.Attempts, "gave_up", gaveUp, "reason", why)
	return nil
}

// backoff grows from half a minute to four hours, with jitter.
func backoff(attempts int) time.Duration {
	d := min(30*time.Second<<min(attempts-1, 12), 4*time.Hour)
	return d/2 + rand.N(d/2+1)
}

func reason(res delivery.Result) string {
	if res.Code == 0 && res.Err != nil {
		return delivery.WithoutAddresses(res.Err.Error())
	}
	return delivery.WithoutAddresses((&delivery.SMTPError{Result: res}).Error())
}
