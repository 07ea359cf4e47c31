package delivery_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// A server that goes away at two readers holds nobody else up: these two are deferred,
// with what happened, and the run ends.
func TestServerBreaksAtAReader(t *testing.T) {
	t.Parallel()
	const n = 60
	f := deliverytest.New(t, n)
	f.Freeze()
	breaks := map[string]delivery.Phase{
		deliverytest.Email(2): delivery.PhaseRcpt,
		deliverytest.Email(9): delivery.PhaseBody,
	}
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if phase := breaks[env.To]; phase != 0 {
			return deliverytest.Cut(phase)
		}
		return deliverytest.Accepted()
	}}
	opt := f.Options(server)
	opt.Pacing.Connections = 2
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil || sum.Counts[delivery.Accepted] != n-2 || sum.Counts[delivery.Deferred] != 2 || sum.ResumeAt.IsZero() {
		t.Fatalf("got %v until %v, %v, want two deferred and the others accepted", sum.Counts, sum.ResumeAt, err)
	}
	for _, d := range f.List(delivery.Deferred) {
		if !strings.Contains(d.Reply, "reset by peer") || d.Attempts != 1 {
			t.Errorf("reader %d: got %d attempts and %q, want one with what happened", d.ID, d.Attempts, d.Reply)
		}
	}
}
