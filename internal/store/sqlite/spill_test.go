package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// While another process writes, sign-ups are taken all the same; a process that
// dies then loses none, and nobody is mailed twice.
func TestSignUpsWhileAnotherWrites(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	other := hold(t, path)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if err := s.SignUp(t.Context(), subscribers.SignUp{Email: fmt.Sprintf("busy%d@example.com", i), Source: "form"}); err != nil {
				t.Errorf("got %v, want it taken", err)
			}
		})
	}
	all.Wait()
	spilled, err := os.ReadFile(path + "-signups")
	if err != nil || strings.Count(string(spilled), "\n") != 40 {
		t.Fatalf("got %d lines, %v, want 40", strings.Count(string(spilled), "\n"), err)
	}
	// A crash while a line is written, and one between the commit and the removal.
	if err := os.WriteFile(path+"-signups", append(spilled, "8d1f2c0a {\"ID\":0,\"Email\":\"cut"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-signups.in", spilled[:len(spilled)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	s = subscribers.New(again.Subscribers(), again.SignUps(), subscribers.Options{})
	for range 3 {
		if _, err := s.Process(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := s.Counts(t.Context()); err != nil || c.Pending != 40 {
		t.Errorf("got %+v, %v, want 40 pending", c, err)
	}
	var mails int
	query(t, path, "SELECT count(*) FROM outbox", &mails)
	if mails != 40 {
		t.Errorf("got %d confirmations, want 40", mails)
	}
	if left, err := filepath.Glob(path + "-signups*"); err != nil || len(left) > 0 {
		t.Errorf("got %v left, %v, want none", left, err)
	}
}

// A line that a crash or a full disk cut off costs none of those after it.
func TestSignUpAfterACutLine(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	other := hold(t, path)
	if err := os.WriteFile(path+"-signups", []byte("8d1f2c0a {\"ID\":0,\"Email\":\"cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.SignUp(t.Context(), subscribers.SignUp{Email: "after@example.com", Source: "form"}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Process(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Counts(t.Context()); err != nil || c.Pending != 1 {
		t.Errorf("got %+v, %v, want the sign-up that was acknowledged", c, err)
	}
}

// Who is erased while their sign-up waits in the file is in no file, whoever erases
// them.
func TestErasedFromTheFile(t *testing.T) {
	t.Parallel()
	for name, erase := range map[string]func(*testing.T, *sqlite.DB, *subscribers.Service){
		"by the operator": func(t *testing.T, _ *sqlite.DB, s *subscribers.Service) {
			if _, err := s.Erase(t.Context(), "gone@example.com"); err != nil {
				t.Fatal(err)
			}
		},
		"by their own link": eraseByLink,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, path := openDB(t)
			s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
			if _, err := s.Add(t.Context(), subscribers.NewReader{Email: "gone@example.com"}); err != nil {
				t.Fatal(err)
			}
			other := hold(t, path)
			if err := s.SignUp(t.Context(), subscribers.SignUp{Email: "gone@example.com"}); err != nil {
				t.Fatal(err)
			}
			if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			erase(t, db, s)
			if left, err := filepath.Glob(path + "-signups*"); err != nil || len(left) > 0 {
				t.Errorf("got %v left, %v, want none", left, err)
			}
			if n, err := s.Process(t.Context()); n != 0 || err != nil {
				t.Errorf("got %d sign-ups, %v, want none", n, err)
			}
		})
	}
}

func eraseByLink(t *testing.T, db *sqlite.DB, _ *subscribers.Service) {
	ctx, now := t.Context(), time.Now()
	reader, err := db.Subscribers().ByKey(ctx, "gone@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Subscribers().AskFreshLink(ctx, reader.ID, subscribers.PurposeErase, now); err != nil {
		t.Fatal(err)
	}
	e, _, err := db.Outbox().Take(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := db.Outbox().ComposeFreshLink(ctx, e, subscribers.PurposeErase, now)
	if err != nil {
		t.Fatal(err)
	}
	link, err := subscribers.ParseToken(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Subscribers().EraseByLink(ctx, link.Hash(), now); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSignUpsDuringImport is how long sign-ups take while another process
// imports a million rows: -benchtime 1x.
func BenchmarkSignUpsDuringImport(b *testing.B) {
	const rows, visitors = 1_000_000, 16
	csv := readersCSV(b, 0, rows)
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "digest.db")
		db, err := sqlite.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		importer, err := sqlite.Open(b.Context(), path) // as another process: its own connections
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan struct{})
		began := time.Now()
		go func() {
			defer close(done)
			importFile(b, subscribers.New(importer.Subscribers(), importer.SignUps(), subscribers.Options{}), csv, rows, false)
		}()
		took := signUpUntil(b, subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{QueueLimit: 1 << 30}), visitors, done)
		slices.Sort(took)
		b.ReportMetric(time.Since(began).Seconds(), "import-s")
		b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "signups/s")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		if err := db.Close(); err != nil {
			b.Error(err)
		}
		if err := importer.Close(); err != nil {
			b.Error(err)
		}
	}
}

// signUpUntil signs strangers up, each visitor 20 a second, until done.
func signUpUntil(b *testing.B, s *subscribers.Service, visitors int, done <-chan struct{}) (took []time.Duration) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for v := range visitors {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				case <-time.After(50 * time.Millisecond):
				}
				start := time.Now()
				if err := s.SignUp(b.Context(), subscribers.SignUp{Email: fmt.Sprintf("visitor-%d-%d@example.com", v, i), Source: "form"}); err != nil {
					b.Errorf("got %v, want it taken", err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(start))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return took
}
