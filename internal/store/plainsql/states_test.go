package plainsql

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
	for f, sql := range map[delivery.Fault]string{delivery.SoftFault: FaultSoft, delivery.HardFault: FaultHard} {
		if want := strconv.Itoa(int(f)); sql != want {
			t.Errorf("%s: got %s in SQL, want %s", f, sql, want)
		}
	}
	if want := strconv.Itoa(int(subscribers.Active)); StatusActive != want {
		t.Errorf("active: got %s in SQL, want %s", StatusActive, want)
	}
	if want := strconv.Itoa(int(subscribers.Pending)); StatusPending != want {
		t.Errorf("pending: got %s in SQL, want %s", StatusPending, want)
	}
	if want := strconv.Itoa(int(subscribers.NotSuppressed)); NotSuppressed != want {
		t.Errorf("not suppressed: got %s in SQL, want %s", NotSuppressed, want)
	}
	for name, list := range map[string]struct {
		sql string
		in  func(delivery.State) bool
	}{
		"unsent":  {Unsent, delivery.State.Unsent},
		"open":    {Open, func(s delivery.State) bool { return !s.Final() }},
		"logged":  {Logged, delivery.State.Provable},
		"dropped": {Dropped, delivery.State.Dropped},
	} {
		for s := delivery.Queued; s <= delivery.Suppressed; s++ {
			if got := slices.Contains(strings.Split(list.sql, ", "), strconv.Itoa(int(s))); got != list.in(s) {
				t.Errorf("%s states %s: got %s among them: %t, want %t", name, list.sql, s, got, list.in(s))
			}
		}
	}
	for state, sql := range map[delivery.State]string{
		delivery.Queued: Queued, delivery.Claimed: Claimed, delivery.Dotting: Dotting,
		delivery.Accepted: Accepted, delivery.Deferred: Deferred, delivery.Failed: Failed,
		delivery.Unknown: Unknown, delivery.Suppressed: Suppressed,
	} {
		if want := strconv.Itoa(int(state)); sql != want {
			t.Errorf("%s: got %s in SQL, want %s", state, sql, want)
		}
	}
}
