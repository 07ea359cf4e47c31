package delivery

import (
	"errors"
	"testing"
	"time"
)

func TestLeaseYields(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	runs := HeldLease{Host: "a", Holder: "pid 1 on mail1", Epoch: 7, Until: now.Add(time.Second)}
	for name, c := range map[string]struct {
		held HeldLease
		host string
		dead bool
		want bool
	}{
		"nobody's":                      {HeldLease{}, "a", false, true},
		"it runs":                       {runs, "a", false, false},
		"it runs elsewhere":             {runs, "b", true, false},
		"its holder is dead on my host": {runs, "a", true, true},
		"it ends now":                   {HeldLease{Host: "b", Until: now}, "a", false, true},
	} {
		err := c.held.Yield(Lease{Host: c.host}, c.dead, now)
		if (err == nil) != c.want {
			t.Errorf("%s: got %v, want yielded: %t", name, err, c.want)
		}
		var locked *LockedError
		if err != nil && (!errors.As(err, &locked) || locked.Epoch != 7 || locked.Holder != runs.Holder || !locked.Until.Equal(runs.Until)) {
			t.Errorf("%s: got %+v, want who holds it, and until when", name, err)
		}
	}
}
