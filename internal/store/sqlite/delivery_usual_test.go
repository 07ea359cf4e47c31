package sqlite_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/sqlite"
)

func TestUsualGroups(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T) *deliverytest.Fixture { return deliverytest.Open(t, t.TempDir()) }
	deliverytest.RunUsualGroups(t, fresh, sqlite.RecordUsual)
}

// TestLeaseIsLengthenedByGroups looks at what a group makes of the sender's lease.
func TestLeaseIsLengthenedByGroups(t *testing.T) {
	t.Parallel()
	f := deliverytest.Open(t, t.TempDir())
	q := f.BeginUsual(6)
	until := func() int64 { return f.Int(`SELECT expires_at FROM send_leases`) }
	lengthen := func(g *delivery.Group, to int64) {
		t.Helper()
		g.LeaseUntil = time.UnixMilli(to)
		if done, err := sqlite.RecordUsual(q, g); !done || err != nil {
			t.Errorf("got %v, %v, want it recorded", done, err)
		}
	}
	was := until()
	lengthen(deliverytest.UsualGroup(3, nil, []int64{3}), was-1)
	if got := until(); got != was {
		t.Errorf("to a time before: got %d, want %d", got, was)
	}
	lengthen(deliverytest.UsualGroup(4, nil, []int64{4}), was+1)
	if got := until(); got != was+1 {
		t.Errorf("to a later time: got %d, want %d", got, was+1)
	}
}
