package library

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	pollEvery  = time.Hour
	pollLead   = 2 * time.Minute // before something is due
	retryFirst = time.Minute     // after a failure; doubled up to pollEvery
)

// A Poller pulls each hour, and shortly before a draft or a send is due.
type Poller struct {
	Puller *Puller
	Due    func(after time.Time) time.Time // the next instant for which the folder should be up to date; zero: none
	Log    *slog.Logger
	Now    func() time.Time

	failures int
	failed   atomic.Pointer[error] // of the last pull
	said     map[string]bool       // what of the feed was logged and still holds
}

// Run pulls, calls ready, and goes on pulling until ctx ends. Nothing that goes
// wrong ends it: it is logged, and tried again soon, then less often.
func (p *Poller) Run(ctx context.Context, ready func()) {
	p.pull(ctx)
	ready()
	for {
		timer := time.NewTimer(p.wait(p.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			p.pull(ctx)
		}
	}
}

// Failed is why the last pull could not read the feed, nil when it could: what is
// new may be missing while it cannot.
func (p *Poller) Failed() error {
	if err := p.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// wait is how long to wait for the next pull.
func (p *Poller) wait(now time.Time) time.Duration {
	wait := pollEvery
	if p.failures > 0 {
		wait = min(retryFirst<<min(p.failures-1, 10), pollEvery)
	}
	due := p.Due(now.Add(pollLead)) // what is due sooner has had its pull
	if before := due.Add(-pollLead).Sub(now); !due.IsZero() && before > 0 {
		wait = min(wait, before)
	}
	return wait
}

func (p *Poller) pull(ctx context.Context) {
	r, err := p.Puller.Pull(ctx)
	p.failed.Store(&err)
	for _, c := range r.Taken {
		p.Log.Info("a comparison was taken from the feed", "slug", c.Slug, "title", c.Title())
	}
	if err != nil {
		if ctx.Err() == nil {
			p.failures++
			p.Log.Warn("the feed could not be read; the next pull tries again", "error", err)
		}
		return
	}
	p.failures = 0
	if !r.NotModified {
		p.report(r)
	}
}

// report logs what is wrong or has changed, each once for as long as it holds.
func (p *Poller) report(r Report) {
	if r.Left > 0 {
		p.Log.Warn("the feed has more new comparisons than one pull takes; the next pull goes on", "left", r.Left)
	}
	now, logged := map[string]bool{}, 0
	warn := func(key, message string, args ...any) {
		now[key] = true
		if p.said[key] {
			return
		}
		if logged++; logged <= maxLogged {
			p.Log.Warn(message, args...)
		} else if logged == maxLogged+1 {
			p.Log.Warn("more comparisons in the feed were left out than are named here")
		}
	}
	for _, problem := range r.Problems { // its line moves with each new item
		warn(problem.Message, "a comparison in the feed was left out", "problem", problem.String())
	}
	for _, c := range r.Changed {
		warn(c.Slug, "a comparison differs in the feed; the one in the folder is kept", "slug", c.Slug, "file", c.File,
			"to_take_it", "delete the file; the next pull takes the feed's")
	}
	p.said = now
}
