package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

func TestSubscribers(t *testing.T) {
	t.Parallel()
	storetest.RunSubscribers(t, func(t testing.TB) storetest.SubscriberStore {
		db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return storetest.SubscriberStore{List: db.Subscribers(), SignUps: db.SignUps(), Outbox: db.Outbox()}
	})
}

// Whichever way a reader becomes unmailable, what is undelivered to them leaves
// the running editions; what is on its way or delivered stays as it is.
func TestLeavingTakesDeliveriesOut(t *testing.T) {
	t.Parallel()
	acts := map[string]func(t *testing.T, s *subscribers.Service, reader subscribers.Subscriber) error{
		"unsubscribe": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Unsubscribe(t.Context(), r.Token.String(), "one-click")
			return err
		},
		"remove": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Remove(t.Context(), r.Email, false)
			return err
		},
		"suppress": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			return s.Suppress(t.Context(), r.Email, subscribers.Complaint, "")
		},
		"erase": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Erase(t.Context(), r.Email)
			return err
		},
		"import": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Import(t.Context(), strings.NewReader("email,status\n"+r.Email+",unsubscribed\n"), subscribers.ImportOptions{})
			return err
		},
		"import of bounces": func(t *testing.T, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Import(t.Context(), strings.NewReader("email,status\n"+r.Email+",bounced\n"), subscribers.ImportOptions{})
			return err
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, path := openDB(t)
			s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
			reader, err := s.Add(t.Context(), subscribers.NewReader{Email: "ada@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			for state := range 8 { // edition 1 to 8, in each state
				raw(t, path, "INSERT INTO sends (edition_id, recipients, started_at) VALUES (?, 1, 1)", state+1)
				raw(t, path, "INSERT INTO deliveries (edition_id, subscriber_id, address_hash, state, at, reply) VALUES (?, ?, 1, ?, 1, '')", state+1, reader.ID, state)
			}
			if err := act(t, s, reader); err != nil {
				t.Fatal(err)
			}
			var got string
			query(t, path, "SELECT group_concat(state, ' ') FROM (SELECT state FROM deliveries ORDER BY edition_id)", &got)
			if want := "7 7 2 3 7 5 6 7"; got != want {
				t.Errorf("got the states %s, want %s", got, want)
			}
		})
	}
}

// Nothing of an erased person is left in the files, not even in free pages.
func TestEraseLeavesNoTrace(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	for _, email := range []string{"before@example.com", "zaphod.beeblebrox@example.com", "after@example.com"} {
		if err := s.SignUp(t.Context(), subscribers.SignUp{Email: email, Name: "Trillian of " + email, Source: "form of " + email}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Process(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "INSERT INTO sends (edition_id, recipients, started_at) VALUES (1, 1, 1)")
	raw(t, path, `INSERT INTO deliveries (edition_id, subscriber_id, address_hash, state, at, reply)
		SELECT 1, id, address_hash, ?, 1, '550 5.1.1 <ZAPHOD.Beeblebrox@example.com>: no such user' FROM subscribers WHERE email LIKE 'zaphod%'`, delivery.Failed)
	if !strings.Contains(files(t, path), "zaphod.beeblebrox") {
		t.Fatal("got no trace before the erasure, want one")
	}
	if _, err := s.Erase(t.Context(), "Zaphod.Beeblebrox@example.com"); err != nil {
		t.Fatal(err)
	}
	var reply string
	query(t, path, "SELECT trim(reply) FROM deliveries", &reply)
	if want := "550 5.1.1 <address> no such user"; reply != want {
		t.Errorf("got the server's reply %q, want %q", reply, want)
	}
	if strings.Contains(strings.ToLower(files(t, path)), "zaphod.beeblebrox") {
		t.Error("got the address in the files after its erasure, want no trace")
	}
	if !strings.Contains(files(t, path), "before@example.com") {
		t.Error("got another reader's address gone, want it kept")
	}
}

func files(t *testing.T, path string) string {
	t.Helper()
	var b strings.Builder
	for _, p := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(content)
	}
	return b.String()
}

// What a send has reached is on record: an import before it stays.
func TestImportIsFinalAfterASend(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	s := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
	report, err := s.Import(t.Context(), strings.NewReader("email\nada@example.com\n"), subscribers.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	raw(t, path, "INSERT INTO sends (edition_id, recipients, started_at) VALUES (1, 1, ?)", time.Now().Add(time.Minute).UnixMilli())
	if _, err := s.UndoImport(t.Context(), report.Batch); !errors.Is(err, subscribers.ErrFinal) {
		t.Errorf("got %v, want ErrFinal", err)
	}
}
