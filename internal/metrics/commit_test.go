package metrics

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/version"
)

// recovering gives its sender a queue, or not.
type recovering struct {
	delivery.Store
	err error
}

func (r recovering) Recover(context.Context, delivery.Sender, time.Time) (delivery.Queue, delivery.Recovered, error) {
	return committing{}, delivery.Recovered{}, r.err
}

// Every group that a send records is measured, whoever asks for the queue.
func TestCommitsAreMeasured(t *testing.T) {
	t.Parallel()
	m := New(version.Build{}, func(context.Context) (State, error) { return State{}, nil })
	lost := errors.New("lost")
	if _, _, err := m.Commits(recovering{err: lost}).Recover(t.Context(), delivery.Sender{}, time.Now()); !errors.Is(err, lost) {
		t.Errorf("got %v, want the store's error", err)
	}
	q, _, err := m.Commits(recovering{}).Recover(t.Context(), delivery.Sender{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, intents := range [][]delivery.Intent{make([]delivery.Intent, 3), nil} {
		if _, err := q.Record(t.Context(), &delivery.Group{Intents: intents}); err != nil {
			t.Fatal(err)
		}
	}
	_, got := scrape(t, m)
	for _, want := range []string{"digest_commit_duration_seconds_count 2", "digest_commit_intents_sum 3", `digest_commit_intents_bucket{le="0"} 1`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}
