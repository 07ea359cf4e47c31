package sqlite

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/storetest"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	storetest.RunLedger(t, func(t *testing.T) storetest.Ledger {
		db := openEditions(t)
		return storetest.Ledger{
			Ledger: db.Schedule(),
			Send: func(t *testing.T, w edition.Week) {
				e := draftWithBuild(t, db, w)
				if err := editionsOf(db).Freeze(t.Context(), delivery.Freeze{Edition: e.ID, Hash: e.Hash, Message: []byte("m"), At: time.Now()}); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

// A clock that was years ahead marks weeks as missed; when it is right again
// and reset, those weeks are open, and what was built or is past stays.
func TestResetClock(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), openEditions(t)
	now := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	w := edition.WeekOf(now)
	ahead := now.AddDate(4, 0, 0)
	if _, err := db.Schedule().Observe(ctx, ahead); err != nil {
		t.Fatal(err)
	}
	for n := -1; n <= 1; n++ {
		s := schedule.Slot{Kind: schedule.Send, Week: w.Add(n), At: now.AddDate(0, 0, 7*n)}
		if _, err := db.Schedule().Claim(ctx, s, "a", ahead, ahead.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := db.Schedule().Settle(ctx, s, "a", schedule.TooLate, ahead); err != nil {
			t.Fatal(err)
		}
		_, _, err := db.Editions().Insert(ctx, edition.Edition{Week: s.Week, State: edition.Missed, Slot: s.At, CreatedAt: ahead})
		if err != nil {
			t.Fatal(err)
		}
	}
	built := draftWithBuild(t, db, w.Add(2))

	if err := db.Schedule().ResetClock(ctx, now); err != nil {
		t.Fatal(err)
	}
	seen, err := db.Schedule().Observe(ctx, now)
	if err != nil || !seen.Last.Equal(now) || !seen.First.Equal(now) || !seen.Through.Equal(now) {
		t.Errorf("got %+v, %v, want everything at now", seen, err)
	}
	if _, err := db.Editions().Find(ctx, w.Add(1)); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("the coming week: got %v, want it open again", err)
	}
	for _, w := range []edition.Week{w.Add(-1), w, built.Week} {
		if _, err := db.Editions().Find(ctx, w); err != nil {
			t.Errorf("%s: got %v, want it kept", w, err)
		}
	}
}
