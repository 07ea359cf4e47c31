package delivery_test

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"
	"time"

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

// What is exported of a send: counts by variant that add up, and a root that the
// journal's compaction does not change.
func TestVersionsAndRoot(t *testing.T) {
	t.Parallel()
	const n, second = 20, 8
	f := deliverytest.New(t, n)
	f.Freeze()
	f.Vary(second, 1)
	before, err := f.Root(t.Context(), f.Edition)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := delivery.Run(t.Context(), f.Options(&deliverytest.Server{})); err != nil {
		t.Fatal(err)
	}
	versions := f.Store.(interface {
		Versions(context.Context, int64) (map[int]delivery.Counts, error)
	})
	got, err := versions.Versions(t.Context(), f.Edition)
	if err != nil || got[0].Total() != n-second || got[1].Total() != second || got[1][delivery.Accepted] != second {
		t.Errorf("got %v, %v, want %d and %d readers", got, err, n-second, second)
	}
	after, err := f.Root(t.Context(), f.Edition)
	if err != nil || after == before {
		t.Errorf("got the root %x, %v, want another than before the send", after, err)
	}
	if err := f.CompactJournals(t.Context(), f.Edition, time.Now()); err != nil {
		t.Fatal(err)
	}
	if small, err := f.Root(t.Context(), f.Edition); err != nil || small != after {
		t.Errorf("compacted: got the root %x, %v, want %x", small, err, after)
	}
}
