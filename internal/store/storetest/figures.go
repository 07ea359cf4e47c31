package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

// Figures is a store of what became of editions, with what gives them something
// to count.
type Figures struct {
	Left   func(ctx context.Context, from, to time.Time) (int64, error)
	See    func(ctx context.Context, editor string, b edition.Build, at time.Time) error
	Before func(ctx context.Context, editor string, w edition.Week, hash string) (edition.Build, error)
	// Leave has a reader join and leave at an instant.
	Leave func(t *testing.T, email string, at time.Time)
}

// RunFigures runs the suite on an empty store.
func RunFigures(t *testing.T, s Figures) {
	ctx, at := t.Context(), monday()
	s.Leave(t, "early@example.com", at.Add(-time.Second))
	s.Leave(t, "first@example.com", at)
	s.Leave(t, "second@example.com", at.Add(time.Hour))
	s.Leave(t, "late@example.com", at.Add(2*time.Hour))
	if n, err := s.Left(ctx, at, at.Add(2*time.Hour)); err != nil || n != 2 {
		t.Errorf("got %d who left, %v, want the two of those hours", n, err)
	}

	if _, err := s.Before(ctx, ada, week(0), ""); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("nothing seen: got %v, want ErrNotFound", err)
	}
	see := func(editor, hash string, after time.Duration) {
		t.Helper()
		if err := s.See(ctx, editor, edition.Build{Week: week(0), Hash: hash, Subject: "subject " + hash}, at.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	before := func(editor, hash, want string) {
		t.Helper()
		b, err := s.Before(ctx, editor, week(0), hash)
		if want == "" {
			if !errors.Is(err, edition.ErrNotFound) {
				t.Errorf("%s before %s: got %s, %v, want none", editor, hash, b.Hash, err)
			}
			return
		}
		if err != nil || b.Hash != want || b.Subject != "subject "+want || b.Week != week(0) {
			t.Errorf("%s before %s: got %+v, %v, want %s", editor, hash, b, err, want)
		}
	}
	see(ada, "a", 0)
	before(ada, "a", "")
	before(ada, "b", "a")
	see(ada, "b", time.Minute)
	before(ada, "b", "a")
	see(ada, "a", 2*time.Minute) // it is back
	before(ada, "a", "b")
	see(ada, "c", 3*time.Minute)
	before(ada, "c", "a")
	see(bob, "c", 0)
	before(bob, "c", "")
	see(ada, "d", 90*24*time.Hour) // what is old is forgotten
	before(ada, "d", "")
}
