package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store"
)

// Run sends a frozen edition. It returns nil when every delivery is final or
// (without Stay) deferred: the Summary's counts say how many. It fails with
// ErrLocked while another sender works, ErrPaused, ErrCancelled or
// ErrNotSending (also when that comes to be in mid-send), ErrUnreachable,
// ErrDayLimit, ErrJournalAhead or ErrJournalLost, and with the context's error
// when it was told to end; whatever was in flight is recorded then.
func Run(ctx context.Context, opt Options) (sum Summary, err error) {
	opt = opt.withDefaults()
	began := opt.Now()
	info, err := opt.Store.Info(ctx, opt.Edition)
	if err != nil {
		return Summary{}, err
	}
	lease := Lease{Edition: opt.Edition, Node: opt.Node, Host: hostID(), Holder: opt.Holder, Until: began.Add(opt.LeaseFor)}
	s := &sender{opt: opt}
	var unlock func() error
	if s.Sender, unlock, err = hold(ctx, opt.Leases, opt.Journals, info.Week, lease, began); err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if s.Node == "" {
		var free func() error
		if s.Node, free, err = ownJournal(opt.Journals, info.Week); err != nil {
			return Summary{}, err
		}
		defer func() { err = errors.Join(err, free()) }()
	}
	err = s.run(ctx)
	// The counts are wanted most when something went wrong.
	counts, countErr := opt.Store.Counts(context.WithoutCancel(ctx), opt.Edition)
	s.sum.Counts, s.sum.Took = counts, opt.Now().Sub(began)
	return s.sum, errors.Join(err, countErr)
}

// A sender is one Run.
type sender struct {
	Sender
	opt   Options
	queue Queue
	sum   Summary

	seats    *seats
	dispatch *dispatcher
	recorder *recorder
	judge    *judge
	feeder   feeder
	allot    allotter
	crew

	mu    sync.Mutex
	cause error // why the run ends early
	stop  context.CancelFunc
}

func (s *sender) run(ctx context.Context) error {
	o := &s.opt
	info, err := o.Store.Info(ctx, o.Edition)
	if err != nil {
		return err
	}
	if err := Gate(edition.State(info.State), info.PauseReason); err != nil {
		return err
	}
	if err := checkOthers(ctx, o.Store, o.Journals, info); err != nil {
		return err
	}
	if info, err = o.followServer(ctx, info, s.Node, o.Now()); err != nil {
		return err
	}
	log, err := o.openJournal(ctx, info, s.Node, o.Now())
	if err != nil {
		return err
	}
	err = errors.Join(s.send(ctx, info, log), log.Close())
	if s.sum.Finished {
		s.tidy(ctx)
	}
	return err
}

func (s *sender) send(ctx context.Context, info SendInfo, log *journal.Log) error {
	o := &s.opt
	var err error
	if s.queue, s.sum.Recovered, err = o.Store.Recover(ctx, s.Sender, o.Now()); err != nil {
		return err
	}
	counts, err := o.Store.Counts(ctx, o.Edition)
	if err != nil {
		return err
	}
	var before []DomainCounts // of a send that goes on
	if counts[Queued] < counts.Total() {
		if before, err = o.Store.Domains(ctx, o.Edition, progressDomains); err != nil {
			return err
		}
	}
	o.Progress.begin(counts, before, o.Now())

	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.stop = cancel
	stand, err := s.beginCanary(ctx, info, counts)
	if err != nil {
		return err
	}
	s.prepare(counts, max(info.Seq(s.Node), log.Last()), log)
	s.holdTo(stand)
	err = s.work(ctx, runCtx)
	return s.finish(ctx, err)
}

func (s *sender) prepare(counts Counts, seq uint64, log Journal) {
	o := &s.opt
	s.dispatch, s.judge = newDispatcher(o.Pacing, o.Now), newJudge(counts)
	s.dispatch.slowed = s.slowed
	s.recorder = &recorder{
		store: s.queue, journal: log, renew: s.renew, now: o.Now, ttl: o.LeaseFor,
		warmup: o.Pacing.Warmup, seq: seq, closed: s.stopRun,
	}
	s.judge.alarm = s.alarm
	s.judge.record, s.judge.pause, s.judge.progress, s.judge.now = s.recorder.record, s.pause, o.Progress, o.Now
	s.seats = o.Share.join(o.Dialer, s.dispatch.wake)
	s.crew = crew{
		dialer: s.seats, room: s.seats, supply: s.dispatch, intents: s.recorder, verdicts: s.judge,
		link: newLink(o.Pacing.GiveUp, o.Now), workers: o.Pacing.connections(), log: o.Log,
		began: s.judge.began, tooMany: s.dispatch.tooMany, end: s.stopRun,
	}
	s.allot = allotter{quotas: o.Quotas, sender: s.Sender, pacing: o.Pacing, paces: newPaces(o.Pacing, o.Now), dispatch: s.dispatch, waits: o.Share.waits, now: o.Now, log: o.Log}
	s.limiter, s.relays = s.allot.rates()
	s.feeder = feeder{
		sender: s.Sender, claims: s.queue, records: o.Store, dispatch: s.dispatch, flush: s.recorder.flush,
		progress: o.Progress, warmup: o.Pacing.Warmup, now: o.Now, stay: o.Stay, most: o.Limit,
	}
}

// work runs the workers until the feeder has nothing more, and records what
// they did. ctx is the caller's, runCtx ends with the run.
func (s *sender) work(ctx, runCtx context.Context) error {
	// Sessions get a context of their own: what is in flight when the caller
	// wants the end may come to its end.
	sendCtx, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	s.recorder.start(ctx)
	var beside sync.WaitGroup
	beside.Go(func() {
		s.beat(runCtx)
		s.forgetRelays(ctx)
	})
	beside.Go(func() { s.allot.keep(runCtx) })
	beside.Go(func() { // cut the sessions off some time after the end was asked for
		<-runCtx.Done()
		pauseFor(sendCtx, s.opt.Grace)
		abort()
	})
	var workers sync.WaitGroup
	for range s.workers {
		w := newWorker(s.crew, s.opt.Composer)
		workers.Go(func() { w.work(runCtx, sendCtx) })
	}
	err := s.feeder.feed(runCtx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever it broke off
	}
	s.dispatch.close()
	workers.Wait()
	s.seats.leave()
	abort()
	s.judge.close(err == nil)
	s.stopRun(err)
	beside.Wait()
	recErr := s.recorder.stop()
	return s.why(ctx, err, recErr)
}

// pause pauses the edition for a reason of the sender's own: the next commit
// records it and refuses every intent from then on.
func (s *sender) pause(p Pause) {
	p.Reason = WithoutAddresses(p.Reason)
	s.log.Warn("the edition is paused", "edition", s.opt.Edition, "reason", p.Reason)
	s.recorder.pause(p)
	s.dispatch.close()
}

// holdTo holds the send to its first part while the others' turn has not come.
func (s *sender) holdTo(stand CanaryStand) {
	o := &s.opt
	if !stand.Pending(o.Now()) {
		return
	}
	s.judge.canary.Store(true)
	s.feeder.canaryOver = func() {
		s.judge.canary.Store(false)
		s.log.Info("the first part of the list is done; the others follow", "edition", o.Edition)
	}
	s.feeder.canary = &canaryGate{
		records: o.Store, edition: o.Edition, wait: o.Pacing.Canary.Wait, now: o.Now, pause: s.pause, flush: s.recorder.flush, stand: stand,
		info: func(ctx context.Context) (SendInfo, error) { return o.Store.Info(ctx, o.Edition) },
	}
}

// alarm has the operators told at once of a refusal.
func (s *sender) alarm(a Alarm) {
	s.log.Warn("a server refuses messages for a reason that only the operator can mend", "edition", s.opt.Edition, "reply", a.Reply)
	s.recorder.alarm(a)
}

// slowed logs that the send is throttled: at a domain, or everywhere.
func (s *sender) slowed(domain string) {
	if domain == "" {
		s.log.Warn("the mail server asks to slow down; the send is throttled", "edition", s.opt.Edition)
		return
	}
	s.log.Warn("a domain asks to slow down; it is throttled", "edition", s.opt.Edition, "domain", domain)
}

// stopRun stops the run; the first cause counts, nil is the regular end.
func (s *sender) stopRun(cause error) {
	s.mu.Lock()
	if s.cause == nil {
		s.cause = cause
	}
	s.mu.Unlock()
	s.stop()
}

// why picks the error that the caller should see: a cause of the run's own
// before the end of the context, which only follows from it.
func (s *sender) why(ctx context.Context, feed, rec error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cause != nil && !errors.Is(s.cause, context.Canceled):
		return s.cause
	case rec != nil:
		return rec
	case ctx.Err() != nil:
		return fmt.Errorf("send: %w", ctx.Err())
	default:
		return feed
	}
}

func (s *sender) renew(ctx context.Context, until time.Time) error {
	return s.opt.Leases.Renew(ctx, s.Sender, until)
}

// beat renews the lease and notices a pause or cancellation while nothing is
// committed.
func (s *sender) beat(ctx context.Context) {
	o := &s.opt
	for away := false; ; {
		s.tellRelays(ctx)
		pauseFor(ctx, o.LeaseFor/4)
		if ctx.Err() != nil {
			return
		}
		err := s.renew(ctx, o.Now().Add(o.LeaseFor))
		if errors.Is(err, ErrLeaseLost) {
			s.stopRun(err)
			return
		}
		if err == nil {
			err = s.gate(ctx)
		}
		switch {
		case ctx.Err() != nil:
		case err == nil && away:
			away = false
			o.Log.Info("the database is back; the send goes on", "edition", o.Edition)
		case errors.Is(err, store.ErrAway) && !away:
			away = true
			o.Log.Warn("the send waits for the database", "edition", o.Edition, "error", err)
		case errors.Is(err, store.ErrBusy):
		case err != nil:
			s.stopRun(err)
			return
		}
	}
}

// gate fails when the edition may not be sent any more.
func (s *sender) gate(ctx context.Context) error {
	info, err := s.opt.Store.Info(ctx, s.opt.Edition)
	if err != nil {
		return err
	}
	return Gate(edition.State(info.State), info.PauseReason)
}
