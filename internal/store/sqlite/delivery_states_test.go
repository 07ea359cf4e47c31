package sqlite

import (
	"strconv"
	"testing"

	"verdicts.example/digest/internal/delivery"
)

func TestStatesAreThoseOfDelivery(t *testing.T) {
	t.Parallel()
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
