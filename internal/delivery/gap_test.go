package delivery_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// What the journals know beyond a restored database, by week: nothing beside the
// database that wrote them.
func TestGaps(t *testing.T) {
	t.Parallel()
	const n, early = 40, 15
	f := deliverytest.New(t, n)
	before, mid := filepath.Join(t.TempDir(), "before.db"), filepath.Join(t.TempDir(), "mid.db")
	keep := func(path string) {
		t.Helper()
		if err := f.Database.Backup(path); err != nil {
			t.Fatal(err)
		}
	}
	want := func(f *deliverytest.Fixture, want ...delivery.Gap) {
		t.Helper()
		if got, err := f.Gaps(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	want(f)
	keep(before)
	f.Freeze()
	opt := f.Options(&deliverytest.Server{})
	opt.Limit = early
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	done := f.Counts()[delivery.Accepted]
	keep(mid)
	opt.Limit = 0
	if _, err := delivery.Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	want(f)
	f.Close()
	for path, gap := range map[string]delivery.Gap{
		mid:    {Week: deliverytest.Week, Readers: n - done},
		before: {Week: deliverytest.Week, Readers: n, Unknown: true},
	} {
		restore(t, path, f.Dir)
		g := deliverytest.Open(t, f.Dir)
		want(g, gap)
		g.Close()
	}
}
