package inbound_test

import (
	"testing"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

func TestEffectOutcome(t *testing.T) {
	t.Parallel()
	tests := []struct {
		e    inbound.Effect
		want inbound.Outcome
	}{
		{inbound.Effect{Known: true}, inbound.OutcomeRecorded},
		{inbound.Effect{Known: true, Settled: true}, inbound.OutcomeRecorded},
		{inbound.Effect{Known: true, Again: true}, inbound.OutcomeAgain},
		{inbound.Effect{Known: true, Expired: true}, inbound.OutcomeExpired},
		{inbound.Effect{Known: true, Settled: true, Suppressed: subscribers.HardBounce}, inbound.OutcomeSuppressed},
	}
	for _, tt := range tests {
		if got := tt.e.Outcome(); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.e, got, tt.want)
		}
	}
}
