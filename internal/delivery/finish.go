package delivery

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"
)

// finish gives back what was claimed and closes the edition when nothing is
// open. cause is why the run ended.
func (s *sender) finish(ctx context.Context, cause error) error {
	ctx = context.WithoutCancel(ctx) // the end must be recorded
	o := &s.opt
	if errors.Is(cause, ErrLeaseLost) {
		return cause // what is claimed now is another's
	}
	if errors.Is(cause, ErrCancelled) {
		_, err := o.Store.Cancel(ctx, o.Edition, o.Now())
		return errors.Join(cause, err)
	}
	if err := s.queue.Release(ctx, s.feeder.deferUntil); err != nil {
		return errors.Join(cause, err)
	}
	if cause != nil {
		if errors.Is(cause, ErrDayLimit) {
			s.sum.ResumeAt = s.feeder.nextDay
		}
		return cause
	}
	finished, err := s.queue.Finish(ctx, o.Now())
	s.sum.Finished = finished
	if err != nil {
		return err
	}
	if finished {
		s.sayWhy(ctx)
		return nil
	}
	s.sum.ResumeAt, err = o.Store.NextDeferred(ctx, o.Edition)
	return err
}

// sayWhy logs what servers said of those who did not get a finished edition.
func (s *sender) sayWhy(ctx context.Context) {
	refusals, err := s.opt.Store.Refusals(ctx, s.opt.Edition)
	if err != nil {
		s.log.Warn("can't read why the edition was not accepted for some readers", "edition", s.opt.Edition, "error", err)
		return
	}
	for _, r := range refusals[:min(len(refusals), reasonsMost)] {
		s.log.Warn("the edition was not accepted for some readers", "edition", s.opt.Edition,
			"readers", r.Count, "state", r.State.String(), "fault", r.Fault.String(), "reply", r.Reply)
	}
}

// tidy makes a finished edition's journal small. It forgets who was sent to
// twice, so that is asked first; what is not proved is kept as it is.
func (s *sender) tidy(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	o := &s.opt
	proof, err := Verify(ctx, o.Store, o.Journals, o.Edition)
	if err == nil && len(proof.Problems()) > 0 {
		o.Log.Error("the finished edition fails verification", "edition", o.Edition, "problems", proof.Problems())
		return
	}
	if err == nil {
		err = o.compactJournals(proof.Info, o.Now())
	}
	if err != nil {
		o.Log.Warn("the edition's journal was not compacted", "edition", o.Edition, "error", err)
	}
}

// hostID identifies the kernel: file locks hold within one, whatever containers
// it runs. It changes with a reboot, after which no sender is alive.
func hostID() string {
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		return strings.TrimSpace(string(id))
	}
	name, err := os.Hostname()
	if err != nil {
		return "" // the lease's end decides then
	}
	return name
}

// waitUntil is how long to wait for t, at least a moment.
func waitUntil(now, t time.Time) time.Duration { return max(t.Sub(now), 10*time.Millisecond) }
