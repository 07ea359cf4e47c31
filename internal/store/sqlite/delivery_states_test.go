package sqlite

import (
	"strconv"
	"testing"

	"verdicts.example/digest/internal/delivery"
)

func TestStatesAreThoseOfDelivery(t *testing.T) {
	t.Parallel()
	for f, sql := range map[delivery.Fault]string{delivery.SoftFault: faultSoft, delivery.HardFault: faultHard} {
		if want := strconv.Itoa(int(f)); sql != want {
			t.Errorf("%s: got %s in SQL, want %s", f, sql, want)
		}
	}
	for state, sql := range map[delivery.State]string{
		delivery.Queued: stateQueued, delivery.Claimed: stateClaimed, delivery.Dotting: stateDotting,
		delivery.Accepted: stateAccepted, delivery.Deferred: stateDeferred, delivery.Failed: stateFailed,
		delivery.Unknown: stateUnknown, delivery.Suppressed: stateSuppressed,
	} {
		if want := strconv.Itoa(int(state)); sql != want {
			t.Errorf("%s: got %s in SQL, want %s", state, sql, want)
		}
	}
}
