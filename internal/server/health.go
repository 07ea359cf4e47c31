package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
)

// Ready says why the service is not up to its work: the database is gone, locked
// or full, the scheduler has stopped, or the sender hangs.
func (s *Server) Ready(ctx context.Context) error {
	return errors.Join(s.in.Records.Ping(ctx), s.in.Scheduler.Health(), s.in.Pipeline.Health())
}

// Warn logs what keeps mail from going out.
func (s *Server) Warn(ctx context.Context) error {
	if s.in.Unready != nil {
		s.in.Log.Warn("the settings are still the example's: no sign-ups are taken and no readers are mailed", "why", s.in.Unready)
	}
	list, err := s.in.Desk.Editions(ctx)
	for _, e := range list {
		if paused(e) {
			s.in.Log.Warn("an edition's send is paused and waits for an operator", "week", e.Week.String(), "reason", e.PauseReason)
		}
	}
	return err
}

func paused(e edition.Edition) bool { return e.State == edition.Sending && e.PauseReason != "" }

// State is how the service stands, for the metrics.
func (s *Server) State(ctx context.Context) (metrics.State, error) {
	out := metrics.State{Deliveries: map[string]int{}, LastTick: s.in.Scheduler.LastTick(), Late: s.in.Scheduler.Late(), Now: s.in.Now()}
	list, err := s.in.Desk.Editions(ctx)
	if err != nil {
		return out, err
	}
	for _, e := range list {
		if paused(e) {
			out.Paused++
		}
		if e.State == edition.Sending && (out.Sending.IsZero() || e.FrozenAt.Before(out.Sending)) {
			out.Sending = e.FrozenAt
		}
	}
	if out.Outbox, out.Oldest, err = s.in.Records.Waiting(ctx); err != nil {
		return out, err
	}
	if out.Inbound, err = s.in.Records.Tallies(ctx, time.Time{}); err != nil {
		return out, err
	}
	surge, err := s.in.List.SurgeState(ctx)
	if err != nil {
		return out, err
	}
	out.Surge, out.Held = len(surge.Surges) > 0, surge.Held
	if out.Backups, err = s.in.Stand(); err != nil {
		return out, err
	}
	latest, ok := desk.LatestSend(list)
	if !ok {
		return out, nil
	}
	_, counts, err := s.in.Desk.Standing(ctx, latest.Week)
	for state, n := range counts {
		out.Deliveries[delivery.State(state).String()] = int(n)
	}
	return out, err
}

// SiteList is the list as the site has it: while no readers are mailed it takes
// no sign-ups, because no confirmation would reach anybody.
func (s *Server) SiteList() web.List {
	if s.in.Unready == nil {
		return s.in.List
	}
	return closedList{s.in.List}
}

type closedList struct{ web.List }

func (closedList) SignUp(context.Context, subscribers.SignUp) error {
	return fmt.Errorf("%w: %w", web.ErrClosed, pipeline.ErrUnready)
}
