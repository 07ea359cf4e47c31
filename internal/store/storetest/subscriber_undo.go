package storetest

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// testImportUndo takes imports back: what the file did is undone, what its
// readers did since stays.
func testImportUndo(t *testing.T, l *list) {
	l.active("known@example.com")
	l.active("leaves@example.com")
	l.active("acts@example.com")
	l.check(l.Suppress(l.ctx(), "old@example.com", subscribers.HardBounce, "550"))
	l.now = l.now.Add(time.Hour)
	first := l.imported("email,name,status\nnew@example.com,New,active\ngone@example.com,,bounced\nknown@example.com,Renamed,active\nleaves@example.com,,unsubscribed\n" +
		"acts@example.com,Other,active\nold@example.com,,complained\nstays@example.com,,active\n")
	l.now = l.now.Add(time.Hour)
	for _, email := range []string{"stays@example.com", "acts@example.com"} {
		_, err := l.Unsubscribe(l.ctx(), l.stands(email, subscribers.StandsActive).Token.String(), "one-click")
		l.check(err)
	}
	got, err := l.UndoImport(l.ctx(), first.Batch)
	l.check(err)
	if want := (subscribers.Undone{Removed: 2, Restored: 2, Kept: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l.stands("new@example.com", "")
	l.stands("gone@example.com", "")
	l.stands("leaves@example.com", subscribers.StandsActive)
	l.stands("stays@example.com", subscribers.StandsUnsubscribed)
	l.stands("acts@example.com", subscribers.StandsUnsubscribed)
	if s := l.stands("known@example.com", subscribers.StandsActive); s.Name != "Ada" {
		t.Errorf("got the name %q, want it back", s.Name)
	}
	if _, err := l.UndoImport(l.ctx(), first.Batch); !errors.Is(err, subscribers.ErrFinal) {
		t.Errorf("got %v for a second time, want ErrFinal", err)
	}
	if _, err := l.UndoImport(l.ctx(), 99); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for no import, want ErrNotFound", err)
	}
	// The file can come again, and who left in between stays away.
	again := l.imported("email\nnew@example.com\ngone@example.com\nstays@example.com\n")
	if again.Added != 2 || len(again.Rejected) != 1 {
		t.Errorf("got %s, want two added and who left refused", summary(again))
	}
	_, err = l.UndoImport(l.ctx(), again.Batch)
	l.check(err)
	batches, err := l.ImportBatches(l.ctx())
	l.check(err)
	if len(batches) != 2 || batches[0].ID != again.Batch || batches[0].UndoneAt.IsZero() {
		t.Errorf("got %+v, want both imports, undone", batches)
	}
	if report := l.imported("email,status\nold@example.com,active\n"); len(report.Rejected) != 1 || report.Rejected[0].Reason != "suppressed: the mailbox does not exist" {
		t.Errorf("got %s, want the earlier suppression back", summary(report))
	}
}
