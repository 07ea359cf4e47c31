package sqlite_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// readersCSV writes n rows as another program exports them, in no order of
// address.
func readersCSV(b *testing.B, from, n int) string {
	path := filepath.Join(b.TempDir(), "readers.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	fmt.Fprintln(w, "email,name,status,created_at")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(w, "reader.%x@mail%d.example.com,Reader Number %d,enabled,2025-03-%02dT10:00:00Z\n", uint32(i)*2654435761, i%97, i, i%28+1)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

func importFile(b *testing.B, s *subscribers.Service, path string, n int, hide bool) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close() // read only
	var r io.Reader = f
	if hide {
		r = bufio.NewReader(f) // as from a pipe: of unknown size
	}
	report, err := s.Import(b.Context(), r, subscribers.ImportOptions{Source: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	if got := report.Added + report.Unchanged; got != n {
		b.Fatalf("got %d rows taken, want %d: %v", got, n, report)
	}
}

// benchImport imports n rows from one number on into a list of so many.
func benchImport(b *testing.B, list, from, n int, hide bool) {
	path := readersCSV(b, from, n)
	before := readersCSV(b, 0, list)
	for b.Loop() {
		b.StopTimer()
		s := emptyList(b)
		importFile(b, s, before, list, false)
		b.StartTimer()
		importFile(b, s, path, n, hide)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func emptyList(b *testing.B) *subscribers.Service {
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "digest.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
}

const million = 1_000_000

// A million: go test -run - -bench Import -benchtime 1x ./internal/store/sqlite
func BenchmarkImportEmpty(b *testing.B) { benchImport(b, 0, 0, million, false) }

// New readers into a list of a million.
func BenchmarkImportFull(b *testing.B) { benchImport(b, million, million, million, false) }

// The same from a pipe, and the indexes kept up to date.
func BenchmarkImportFullPipe(b *testing.B) { benchImport(b, million, million, million, true) }

// The same readers again.
func BenchmarkImportSame(b *testing.B) { benchImport(b, million, 0, million, false) }
