package assembly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/sqlite"
)

// newMaker makes a maker over a folder of its own, with the built-in mailbox.
func newMaker(t *testing.T, change func(*Settings)) (m *Maker, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "comparisons"), 0o755); err != nil {
		t.Fatal(err)
	}
	in := Settings{
		Database: filepath.Join(dir, "digest.db"), Journals: filepath.Join(dir, "journal"),
		Comparisons: Comparisons{Dir: filepath.Join(dir, "comparisons")}, Schedule: weekly(t),
		Edition: pipeline.Settings{
			Site:    render.Site{Name: "Verdicts", BaseURL: "https://example.org"},
			Headers: pipeline.Headers{From: mail.Address{Address: "editor@example.org"}}, Options: edition.Options{Max: 5, Min: 1},
		},
		Relay:   Relay{Mailbox: filepath.Join(dir, "mailbox"), Config: mailer.Config{From: "editor@example.org"}},
		Problem: func(setting string, err error) error { return fmt.Errorf("%s: %w", setting, err) },
	}
	if change != nil {
		change(&in)
	}
	m = New(in, Host{
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Warn: func(string, ...any) {}, Hint: func(error) string { return "" },
	})
	t.Cleanup(func() { _ = m.Close() })
	return m, dir
}

func weekly(t *testing.T) *schedule.Schedule {
	t.Helper()
	draft, derr := schedule.ParseCron("0 12 * * FRI")
	send, serr := schedule.ParseCron("0 9 * * MON")
	if err := errors.Join(derr, serr); err != nil {
		t.Fatal(err)
	}
	s, err := schedule.New(draft, send, time.UTC, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestDatabaseIsMadeOnlyWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, c := range []struct {
		need    Need
		want    error
		none    bool
		created bool
	}{
		{need: MakesDatabase, created: true}, {need: NeedsDatabase, want: sqlite.ErrNone, none: true}, {need: MayLackOne, none: true}, {need: OrEmpty},
	} {
		m, dir := newMaker(t, nil)
		db, err := m.Database(ctx, c.need)
		if !errors.Is(err, c.want) || (db == nil) != c.none {
			t.Errorf("need %d: got %v and %v, want error %v", c.need, db, err, c.want)
		}
		if got := exists(filepath.Join(dir, "digest.db")); got != c.created {
			t.Errorf("need %d: got a database file: %t, want %t", c.need, got, c.created)
		}
		if err := m.Close(); err != nil {
			t.Errorf("need %d: close: %v", c.need, err)
		}
		if db == nil {
			continue
		}
		if _, err := db.Editions.List(ctx); err == nil {
			t.Errorf("need %d: the database is open after Close", c.need)
		}
	}
}

// Where the database file was moved away from its journals, no new list begins
// with the old one's sends unknown to it.
func TestNoNewListBesideOldJournals(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"journal/2026-W47.journal": store.ErrOnlyJournals, "journal/2026-W47.lock": nil} {
		m, dir := newMaker(t, nil)
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Database(t.Context(), MakesDatabase); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
		if got := exists(filepath.Join(dir, "digest.db")); got != (want == nil) {
			t.Errorf("%s: got a database file: %t, want %t", name, got, want == nil)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// An empty database is gone with the command, and its folder goes last.
func TestEmptyDatabaseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	m, _ := newMaker(t, nil)
	if _, err := m.Database(t.Context(), OrEmpty); err != nil {
		t.Fatal(err)
	}
	if made, _ := filepath.Glob(filepath.Join(dir, "digest-empty-*")); len(made) != 1 {
		t.Fatalf("got the folders %v, want one", made)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "digest-empty-*")); len(left) != 0 {
		t.Errorf("got %v left, want nothing", left)
	}
}

func TestCloseGoesBackwardsAndTellsEveryError(t *testing.T) {
	t.Parallel()
	m, _ := newMaker(t, nil)
	var order []string
	for _, part := range []string{"first", "second"} {
		m.closing(part, func() error { order = append(order, part); return errors.New("stuck") })
	}
	err := m.Close()
	if got := strings.Join(order, " "); got != "second first" {
		t.Errorf("got the order %q, want the last first", got)
	}
	if got, want := fmt.Sprint(err), "close second: stuck\nclose first: stuck"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := m.Close(); err != nil {
		t.Errorf("closed again: got %v, want nil", err)
	}
}

// Nothing connects to the mail server before it sends; without a database a desk
// drafts.
func TestDeskNeedsNoMoreThanItsPurpose(t *testing.T) {
	t.Parallel()
	for _, purpose := range []Purpose{Decides, Previews, Sends} {
		m, dir := newMaker(t, nil)
		d, err := m.Desk(t.Context(), MayLackOne, purpose)
		if err != nil {
			t.Fatal(err)
		}
		if exists(filepath.Join(dir, "mailbox")) {
			t.Errorf("purpose %d: got the mail server started before there is a message", purpose)
		}
		if _, err := d.Edition(t.Context(), edition.Week{Year: 2026, Number: 47}); !errors.Is(err, desk.ErrNoDatabase) {
			t.Errorf("purpose %d: got %v, want %v", purpose, err, desk.ErrNoDatabase)
		}
		if draft, err := d.Draft(t.Context(), edition.Week{Year: 2026, Number: 47}); err != nil || !draft.Selection.Nothing() {
			t.Errorf("purpose %d: got %v, %v, want a draft with nothing in it", purpose, draft.Selection, err)
		}
	}
}

// A preview connects with its first test mail, once.
func TestLateDialerConnectsOnce(t *testing.T) {
	t.Parallel()
	m, dir := newMaker(t, nil)
	late := &lateDialer{maker: m}
	env := delivery.Envelope{From: "editor@example.org", To: "ada@example.com"}
	for range 2 {
		if r := late.SendOne(t.Context(), env, []byte("Subject: Test\r\n\r\nHello\r\n")); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if !exists(filepath.Join(dir, "mailbox")) || len(m.closers) != 1 {
		t.Errorf("got %d mail servers, want 1", len(m.closers))
	}
}

func TestErrorsNameTheSetting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Settings)
		part   func(context.Context, *Maker) error
	}{
		"dkim.key_file2": {
			func(s *Settings) { s.Keys = []KeyFile{{Setting: "dkim.key_file2", File: "/nowhere/key.pem"}} },
			func(_ context.Context, m *Maker) error { _, err := m.Signer(); return err },
		},
		"smtp.ca_file": {
			func(s *Settings) { s.Relay.Mailbox, s.Relay.CAFile = "", "/nowhere/ca.pem" },
			func(ctx context.Context, m *Maker) error { _, err := m.Desk(ctx, MayLackOne, Sends); return err },
		},
		"comparisons.dir": {
			func(s *Settings) { s.Comparisons.Dir = "/nowhere" },
			func(_ context.Context, m *Maker) error { _, err := m.Library(); return err },
		},
	} {
		m, _ := newMaker(t, c.change)
		if err := c.part(t.Context(), m); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error that names %s", err, name)
		}
	}
}

// Without a relay and a database doctor says what it did not look at, and why.
func TestChecksWithoutRelayAndDatabase(t *testing.T) {
	t.Parallel()
	m, _ := newMaker(t, func(s *Settings) {
		s.Checkup.BaseIsHere = true
		s.Edition.Site.BaseURL = "http://localhost:8080"
	})
	checks, err := m.Checks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	for _, f := range doctor.Examine(t.Context(), checks) {
		if f.Level == doctor.Skipped {
			reasons[f.Detail[:min(len(f.Detail), 20)]]++
		}
	}
	for _, want := range []string{"the built-in mailbox", "http://localhost:808", "there is no database"} {
		if reasons[want] == 0 {
			t.Errorf("got the reasons %v, want %q too", reasons, want)
		}
	}
}

// An operator reads what to do about a damaged database in the finding itself.
func TestChecksOfADatabaseThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	m, _ := newMaker(t, func(s *Settings) {
		if err := os.WriteFile(s.Database, []byte(strings.Repeat("no database at all ", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	checks, err := m.Checks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range doctor.Examine(t.Context(), checks) {
		if f.Check == "integrity" && f.Level == doctor.Fail && f.Fix != "" {
			return
		}
	}
	t.Error("got no finding about the database's integrity")
}

// A command's own database stays when the command did what it was asked for, else
// nothing that was made for it stays.
func TestBegunDatabaseIsGoneUnlessKept(t *testing.T) {
	t.Parallel()
	for _, kept := range []bool{true, false} {
		m, dir := newMaker(t, func(s *Settings) {
			s.Database = filepath.Join(filepath.Dir(s.Database), "deep", "data", "digest.db")
			s.Journals = filepath.Join(filepath.Dir(s.Database), "journal")
		})
		before := tree(t, dir)
		if _, err := m.Desk(t.Context(), KeepsDatabase, Decides); err != nil {
			t.Fatal(err)
		}
		if exists(m.in.Database) {
			t.Error("got the database before the command ended, want none")
		}
		if kept {
			m.Keep()
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if got := exists(m.in.Database); got != kept {
			t.Errorf("kept %t: got a database: %t", kept, got)
		}
		if got := tree(t, dir); !kept && !slices.Equal(got, before) {
			t.Errorf("got %v left, want %v as before", got, before)
		}
		if hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(m.in.Database), ".new-*")); len(hidden) != 0 {
			t.Errorf("got %v left", hidden)
		}
	}
}

// Of two commands that begin the same database the second is told, and the first's
// is as it was.
func TestBegunDatabaseReplacesNone(t *testing.T) {
	t.Parallel()
	first, _ := newMaker(t, nil)
	second := New(first.in, first.host)
	for _, m := range []*Maker{first, second} {
		if _, err := m.Database(t.Context(), KeepsDatabase); err != nil {
			t.Fatal(err)
		}
		m.Keep()
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(first.in.Database)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); !errors.Is(err, store.ErrMeanwhile) {
		t.Errorf("got %v, want %v", err, store.ErrMeanwhile)
	}
	if after, err := os.Stat(first.in.Database); err != nil || !os.SameFile(before, after) {
		t.Errorf("got another database in the first's place (%v)", err)
	}
}

// An empty file that a start left which was cut off, as by a full disk, is in
// nobody's way; one that another process has just made is.
func TestBegunDatabaseTakesAnEmptyFilesPlace(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]error{2 * time.Minute: nil, 0: store.ErrMeanwhile} {
		m, _ := newMaker(t, nil)
		if _, err := m.Database(t.Context(), KeepsDatabase); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(m.in.Database, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if at := time.Now().Add(-age); os.Chtimes(m.in.Database, at, at) != nil {
			t.Fatal("the file's time can't be set")
		}
		m.Keep()
		if err := m.Close(); !errors.Is(err, want) {
			t.Errorf("%s old: got %v, want %v", age, err, want)
		}
		if info, err := os.Stat(m.in.Database); err != nil || (info.Size() > 0) != (want == nil) {
			t.Errorf("%s old: got %+v, %v, want the new database in its place: %t", age, info, err, want == nil)
		}
	}
}

// tree gives what is in a folder.
func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
