package sqlite_test

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// readersCSV writes n rows as another program exports them, in no order of
// address, without the file ever being in memory.
func readersCSV(from, n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		bw := bufio.NewWriterSize(w, 1<<16)
		fmt.Fprintln(bw, "email,name,status,created_at")
		for i := from; i < from+n; i++ {
			fmt.Fprintf(bw, "reader.%x@mail%d.example.com,Reader Number %d,enabled,2025-03-%02dT10:00:00Z\n", uint32(i)*2654435761, i%97, i, i%28+1)
		}
		w.CloseWithError(bw.Flush())
	}()
	return r
}

func benchImport(b *testing.B, from, n int, into func(b *testing.B) *subscribers.Service) {
	for b.Loop() {
		b.StopTimer()
		s := into(b)
		b.StartTimer()
		report, err := s.Import(b.Context(), readersCSV(from, n), subscribers.ImportOptions{Source: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		if got := report.Added + report.Unchanged; got != n {
			b.Fatalf("got %d rows taken, want %d: %v", got, n, report)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func emptyList(b *testing.B) *subscribers.Service {
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "digest.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return subscribers.New(db, subscribers.Options{})
}

func fullList(n int) func(b *testing.B) *subscribers.Service {
	return func(b *testing.B) *subscribers.Service {
		s := emptyList(b)
		if _, err := s.Import(b.Context(), readersCSV(0, n), subscribers.ImportOptions{}); err != nil {
			b.Fatal(err)
		}
		return s
	}
}

// A million: go test -run - -bench Import -benchtime 1x ./internal/store/sqlite
func BenchmarkImportEmpty(b *testing.B) { benchImport(b, 0, 1_000_000, emptyList) }

// New readers into a list of a million.
func BenchmarkImportFull(b *testing.B) { benchImport(b, 1_000_000, 1_000_000, fullList(1_000_000)) }

// The same readers again.
func BenchmarkImportSame(b *testing.B) { benchImport(b, 0, 1_000_000, fullList(1_000_000)) }
