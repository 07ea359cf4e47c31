//go:build unix

package transfer_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/transfer"
	"verdicts.example/digest/subscribers"
)

// BenchmarkMove moves a million readers to a PostgreSQL that syncs, and back.
func BenchmarkMove(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(map[int]string{100_000: "100k", 1_000_000: "1M"}[n], func(b *testing.B) {
			for b.Loop() {
				moveThereAndBack(b, n)
			}
		})
	}
}

func moveThereAndBack(b *testing.B, n int) {
	b.Helper()
	dir := b.TempDir()
	server, err := postgrestest.Start(postgrestest.Bin(b, "15"), filepath.Join(dir, "server"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Stop("immediate") }()
	from := openToMove(b, filepath.Join(dir, "from.db"))
	list := subscribers.New(from.Subscribers(), from.SignUps(), subscribers.Options{})
	if _, err := list.Import(b.Context(), strings.NewReader(readers(n)), subscribers.ImportOptions{Source: "test.csv"}); err != nil {
		b.Fatal(err)
	}
	there, err := postgres.OpenToMove(b.Context(), postgres.Options{URL: server.URL("postgres")}, true)
	if err != nil {
		b.Fatal(err)
	}
	defer there.Close()
	measureMove(b, "there", from.Transfer(), there.Transfer())
	measureMove(b, "back", there.Transfer(), openToMove(b, filepath.Join(dir, "back.db")).Transfer())
}

func openToMove(b *testing.B, path string) *sqlite.DB {
	b.Helper()
	db, err := sqlite.OpenToMove(b.Context(), path, true)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// measureMove reports how long a move took, and what this process had to do for it.
func measureMove(b *testing.B, name string, from, to transfer.Store) {
	b.Helper()
	used := ownTime(b)
	began := time.Now()
	if _, err := transfer.Run(b.Context(), from, to, transfer.Options{}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(began).Seconds(), "s-"+name)
	b.ReportMetric((ownTime(b) - used).Seconds(), "s-CPU-"+name)
}

func ownTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
