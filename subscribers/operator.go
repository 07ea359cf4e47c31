package subscribers

import (
	"context"
	"fmt"
	"iter"
)

// SourceOperator is the source of who was added by hand.
const SourceOperator = "operator"

// A NewReader is who an operator adds.
type NewReader struct {
	Email      string
	Name       string
	Categories []string
}

// Add makes an address active at once: the operator answers for its consent. It
// fails with ErrExists for an active subscriber, with ErrLeft for one who
// unsubscribed and with ErrSuppressed. Somebody without recorded consent, or who
// left, is asked by SignUp instead.
func (s *Service) Add(ctx context.Context, in NewReader) (Subscriber, error) {
	a, err := ParseAddress(in.Email)
	if err != nil {
		return Subscriber{}, err
	}
	categories, err := cleanCategories(in.Categories)
	if err != nil {
		return Subscriber{}, err
	}
	d := Details{Name: CleanName(in.Name), Categories: categories, Source: SourceOperator}
	sub, err := s.list.Add(ctx, a, d, s.now())
	return sub, refine(a, err)
}

// Remove unsubscribes an address, as its reader asked the operator to. With
// notify the reader gets a goodbye mail, the written answer to their letter or
// call.
func (s *Service) Remove(ctx context.Context, email string, notify bool) (Subscriber, error) {
	a, sub, err := s.find(ctx, email)
	if err != nil {
		return Subscriber{}, refine(a, err)
	}
	sub, err = s.list.Leave(ctx, sub.ID, SourceOperator, notify, s.now())
	return sub, refine(a, err)
}

// Get finds an address on the list, or ErrNotFound.
func (s *Service) Get(ctx context.Context, email string) (Subscriber, error) {
	a, sub, err := s.find(ctx, email)
	return sub, refine(a, err)
}

// History gives what is recorded of a subscriber's consent, oldest first.
func (s *Service) History(ctx context.Context, id int64) ([]Event, error) {
	return s.list.Events(ctx, id)
}

// List streams the subscribers that the filter picks, in the order of addition.
// It ends at the first error.
func (s *Service) List(ctx context.Context, f Filter) iter.Seq2[Subscriber, error] {
	return s.list.List(ctx, f)
}

// Counts counts the list by standing.
func (s *Service) Counts(ctx context.Context) (Counts, error) { return s.list.Count(ctx) }

// Suppress makes sure that an address is never mailed, whether or not it is on
// the list; Lift undoes it. Erased is no reason here: it is what Erase is for.
func (s *Service) Suppress(ctx context.Context, email string, why Reason, detail string) error {
	if why <= NotSuppressed || why >= Erased {
		return fmt.Errorf("suppress: %d is not a reason", why)
	}
	a, err := ParseAddress(email)
	if err != nil {
		return err
	}
	return refine(a, s.list.Suppress(ctx, a, Suppression{Reason: why, Detail: clean(detail, 500), At: s.now()}))
}

// Lift undoes a suppression that was a mistake; the subscriber's status is what
// it was. It fails with ErrNotFound when the address is not suppressed or was
// erased, which its reader alone can undo.
func (s *Service) Lift(ctx context.Context, email, note string) error {
	a, err := ParseAddress(email)
	if err != nil {
		return err
	}
	return refine(a, s.list.Lift(ctx, a, clean(note, 500), s.now()))
}

// Erase removes what is known of a person and keeps the address's hash, so that
// no import brings them back; past deliveries remain as numbers. It reports
// whether the address was on the list.
func (s *Service) Erase(ctx context.Context, email string) (bool, error) {
	a, err := ParseAddress(email)
	if err != nil {
		return false, err
	}
	found, err := s.list.Erase(ctx, a, s.now())
	return found, refine(a, err)
}
