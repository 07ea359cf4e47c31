package sqlite_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// What came back before an operator lifted a suppression counts no more, and the
// editors are told once an edition that mail comes back unauthenticated.
func TestReturnedAfterLift(t *testing.T) {
	t.Parallel()
	f := deliverytest.Open(t, t.TempDir())
	f.AddReaders(1)
	f.AddEdition("2026-W47")
	at := f.FreezeOf(f.Edition).At
	f.Freeze()
	db := f.SQLite().DB
	record := func(class subscribers.BounceClass, mail string, at time.Time) inbound.Effect {
		t.Helper()
		e, err := db.Inbox().Record(t.Context(), inbound.Finding{
			Week: "2026-W47", Subscriber: 1, Kind: inbound.KindBounce, Class: class, Mail: sha256.Sum256([]byte(mail)), At: at,
			Alarm: []string{"editor@example.org"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := record(subscribers.BounceHard, "one", at.Add(time.Hour)); e.Suppressed != subscribers.HardBounce {
		t.Fatalf("got %+v, want suppressed", e)
	}
	r, err := db.Subscribers().ByID(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	a, err := subscribers.ParseAddress(r.Email)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Subscribers().Lift(t.Context(), a, "works again", at.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if e := record(subscribers.BounceSoft, "two", at.Add(3*time.Hour)); e.Suppressed != subscribers.NotSuppressed {
		t.Errorf("a soft bounce after the lift: got %+v, want none", e)
	}
	n, _, err := db.Outbox().Waiting(t.Context())
	if err != nil || n != 1 {
		t.Errorf("got %d mails to the editor (%v), want 1", n, err)
	}
}
