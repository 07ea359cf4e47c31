package subscribers

import (
	"context"
	"maps"
	"sync"
	"time"
)

// surgeWatch is what a process knows of a surge between two batches.
type surgeWatch struct {
	rule SurgeRule
	told func(context.Context, SurgeState) error

	mu      sync.Mutex
	surging map[string]bool // counted domains; "": all
	refused map[string]int  // sign-ups that were asked the question, by counted domain
	episode int64           // that the operators were told of, in milliseconds as stores keep it
}

// take takes what was refused since the last batch.
func (w *surgeWatch) take() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	refused := w.refused
	w.refused = nil
	return refused
}

// giveBack undoes take: it was not kept.
func (w *surgeWatch) giveBack(refused map[string]int) {
	for domain, n := range refused {
		w.refuse(domain, n)
	}
}

// refuse notes sign-ups that were asked the question. Who floods the form with
// domains does not fill the memory: more than MostDomains are counted under "".
func (w *surgeWatch) refuse(domain string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused == nil {
		w.refused = map[string]int{}
	}
	if _, known := w.refused[domain]; !known && len(w.refused) >= MostDomains {
		domain = ""
	}
	w.refused[domain] += n
}

// goesOn reports whether confirmations to a counted domain wait.
func (w *surgeWatch) goesOn(domain string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.surging[""] || w.surging[domain]
}

// note takes over how it stands after a batch, and reports whether an episode
// began.
func (w *surgeWatch) note(surges []Surge) (began bool) {
	surging := map[string]bool{}
	for _, s := range surges {
		surging[s.Domain] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.surging = maps.Clone(surging)
	return len(surges) > 0 && w.episode != surges[0].Episode.UnixMilli()
}

// follow takes over what a batch found of a surge, and has the operators told of
// one that began. Without a gate there is none.
func (s *Service) follow(ctx context.Context, g *Gate, at time.Time) error {
	var surges []Surge
	if g != nil {
		surges = g.Surges()
	}
	if !s.surge.note(surges) {
		return nil
	}
	state, err := s.signUps.SurgeState(ctx, at)
	if err != nil || len(state.Surges) == 0 {
		return err
	}
	s.log.WarnContext(ctx, "a surge of sign-ups: confirmations wait, and the form asks a question", "since", state.Surges[0].Episode, "asked", state.Asked, "confirmed", state.Confirmed)
	if s.surge.told != nil {
		if err := s.surge.told(ctx, state); err != nil {
			return err
		}
	}
	s.surge.mu.Lock()
	defer s.surge.mu.Unlock()
	s.surge.episode = surges[0].Episode.UnixMilli()
	return nil
}

// SurgeState tells whether a surge of sign-ups goes on, and how many wait.
func (s *Service) SurgeState(ctx context.Context) (SurgeState, error) {
	return s.signUps.SurgeState(ctx, s.now())
}

// answered reports whether a sign-up comes with the right answer to a question. In
// a surge it fails with a *QuestionError without one.
func (s *Service) answered(ctx context.Context, a Address, in SignUp) (bool, error) {
	domain := CountedDomain(a.Domain)
	surging := s.surge.goesOn(domain)
	if !surging && in.Question == "" {
		return false, nil
	}
	secret, err := s.list.Secret(ctx)
	if err != nil {
		return false, err
	}
	questions, at := NewQuestions(secret), s.now()
	if questions.Right(a, in.Question, in.Answer, at) {
		return true, nil
	}
	if !surging {
		return false, nil // the question is not asked any more
	}
	s.surge.refuse(domain, 1)
	return false, &QuestionError{Question: questions.Ask(a, at), Again: in.Question != ""}
}
