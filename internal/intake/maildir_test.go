package intake_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/subscribers"
)

func newMaildir(t *testing.T, l *list, taker intake.Taker) *intake.Maildir {
	t.Helper()
	m := &intake.Maildir{Dir: filepath.Join(t.TempDir(), "box"), Taker: taker, Now: l.now, Log: slog.New(slog.DiscardHandler)}
	if err := m.Open(); err != nil {
		t.Fatal(err)
	}
	return m
}

func put(t *testing.T, m *intake.Maildir, name, mail string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.Dir, "new", name), []byte(mail), 0o600); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, m *intake.Maildir, sub string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(m.Dir, sub))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func look(t *testing.T, m *intake.Maildir, want int) {
	t.Helper()
	if n, err := m.Look(t.Context()); err != nil || n != want {
		t.Errorf("got %d mails taken, %v, want %d", n, err, want)
	}
}

// What is taken is moved; a crash between the two has the mail taken again, which
// counts once; what cannot be recorded stays.
func TestMaildirLosesNothing(t *testing.T) {
	t.Parallel()
	l := newList(t, 3)
	taker := &failingTaker{Taker: l.taker}
	m := newMaildir(t, l, taker)
	put(t, m, "1.a.host", "Delivered-To: "+l.verp(1)+"\r\n"+bounce(l.verp(1)))
	put(t, m, "2.b.host:2,", "Delivered-To: "+l.verp(2)+"\r\n"+bounce(l.verp(2)))
	put(t, m, ".hidden", bounce(l.verp(3)))
	if err := os.Mkdir(filepath.Join(m.Dir, "new", "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	taker.fail.Store(true)
	if n, err := m.Look(t.Context()); err == nil || n != 0 {
		t.Errorf("got %d taken, %v, want an error", n, err)
	}
	if got := files(t, m, "new"); len(got) != 4 {
		t.Errorf("got %v left, want all", got)
	}
	taker.fail.Store(false)
	look(t, m, 2)
	if got := files(t, m, ".Taken/cur"); len(got) != 2 || got[0] != "1.a.host:2,S" || got[1] != "2.b.host:2,S" {
		t.Errorf("got %v taken, want both as seen", got)
	}
	if l.Suppressed(3) != 2 || l.Suppression(3) != subscribers.NotSuppressed {
		t.Errorf("got %d readers suppressed, want the first two", l.Suppressed(3))
	}
	// As after a crash between the commit and the move.
	if err := os.Rename(filepath.Join(m.Dir, ".Taken/cur/1.a.host:2,S"), filepath.Join(m.Dir, "new/1.a.host")); err != nil {
		t.Fatal(err)
	}
	look(t, m, 1)
	if got := l.tally(inbound.OutcomeAgain); got != 1 || l.tally(inbound.OutcomeSuppressed) != 2 {
		t.Errorf("got %d that came before, want 1", got)
	}
	look(t, m, 0)
}

// A mail that cannot be made sense of, but came to a delivery's own address, is
// kept for somebody to look at; one that nobody can read stays and keeps no other.
func TestMaildirKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	m := newMaildir(t, l, l.taker)
	put(t, m, "1", "Delivered-To: "+l.verp(1)+"\r\n\r\n\x00\x01\x02")
	look(t, m, 1)
	if got := l.tally(inbound.OutcomeKept); got != 1 {
		t.Errorf("got %d kept, want 1", got)
	}
	if os.Getuid() == 0 {
		return // root reads every file
	}
	put(t, m, "2", bounce(l.verp(1)))
	if err := os.Chmod(filepath.Join(m.Dir, "new/2"), 0); err != nil {
		t.Fatal(err)
	}
	put(t, m, "3", "Delivered-To: "+l.verp(1)+"\r\n"+bounce(l.verp(1)))
	look(t, m, 1)
	if got := files(t, m, "new"); len(got) != 1 || got[0] != "2" {
		t.Errorf("got %v left, want the unreadable one", got)
	}
}

// Mails that were taken a month ago go.
func TestMaildirCleansUp(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	m := newMaildir(t, l, l.taker)
	now := time.Now()
	m.Now = func() time.Time { return now }
	for name, age := range map[string]time.Duration{"old": 31 * 24 * time.Hour, "young": 29 * 24 * time.Hour} {
		put(t, m, name, "Subject: "+name+"\r\n\r\n")
		if err := os.Chtimes(filepath.Join(m.Dir, "new", name), now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	look(t, m, 2)
	if err := m.Clean(now); err != nil {
		t.Fatal(err)
	}
	if got := files(t, m, ".Taken/cur"); len(got) != 1 || got[0] != "young:2,S" {
		t.Errorf("got %v left, want the young one", got)
	}
}
