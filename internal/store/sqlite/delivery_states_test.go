package sqlite

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

func TestStatesAreThoseOfDelivery(t *testing.T) {
	t.Parallel()
	for f, sql := range map[delivery.Fault]string{delivery.SoftFault: faultSoft, delivery.HardFault: faultHard} {
		if want := strconv.Itoa(int(f)); sql != want {
			t.Errorf("%s: got %s in SQL, want %s", f, sql, want)
		}
	}
	if want := strconv.Itoa(int(subscribers.Active)); statusActive != want {
		t.Errorf("active: got %s in SQL, want %s", statusActive, want)
	}
	if want := strconv.Itoa(int(subscribers.NotSuppressed)); notSuppressed != want {
		t.Errorf("not suppressed: got %s in SQL, want %s", notSuppressed, want)
	}
	for name, list := range map[string]struct {
		sql string
		in  func(delivery.State) bool
	}{
		"unsent":  {unsentStates, delivery.State.Unsent},
		"open":    {openStates, func(s delivery.State) bool { return !s.Final() }},
		"dropped": {droppedStates, delivery.State.Dropped},
	} {
		for _, s := range delivery.States() {
			if got := slices.Contains(strings.Split(list.sql, ", "), strconv.Itoa(int(s))); got != list.in(s) {
				t.Errorf("%s states %s: got %s among them: %t, want %t", name, list.sql, s, got, list.in(s))
			}
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
