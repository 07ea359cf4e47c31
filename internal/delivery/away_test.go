package delivery_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

// The database's server crashes in mid-send and is away for longer than a write is
// tried: the run waits and says so, and goes on when it is back. Nobody gets two, and
// of no reader the outcome is lost.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	const n, away = 600, 18 * time.Second
	dir, err := os.MkdirTemp("", "digest-away-")
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgrestest.Start(postgrestest.Bin(t, "15"), dir, postgrestest.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop("immediate"); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	kept, err := postgrestest.Open(db.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	f := deliverytest.Over(t, t.TempDir(), kept)
	f.AddReaders(n)
	f.Edition = f.AddEdition(deliverytest.Week)
	f.Freeze()
	var crash sync.WaitGroup
	server := &deliverytest.Server{Takes: 5 * time.Millisecond, Before: at(n/3, func() {
		if err := db.Stop("immediate"); err != nil { // the sessions are held up: it is in mid-send for certain
			t.Error(err)
		}
		crash.Go(func() {
			time.Sleep(away)
			if err := db.Run(); err != nil {
				t.Error(err)
			}
		})
	})}
	var log bytes.Buffer
	opt := f.Options(server)
	opt.LeaseFor, opt.Log, opt.Pacing.GiveUp = 4*time.Second, slog.New(slog.NewTextHandler(&log, nil)), 0
	sum, err := delivery.Run(t.Context(), opt)
	crash.Wait()
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
		t.Fatalf("got %+v, %v, want all accepted: %s", sum, err, log.String())
	}
	if got := log.String(); strings.Count(got, "waits for the database") != 1 || !strings.Contains(got, "the database is back") {
		t.Errorf("got %q, want that it waits, once, and that it goes on", got)
	}
	once(t, server, n)
	f.Verify()
}
