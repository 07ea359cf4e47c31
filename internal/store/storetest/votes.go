package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Votes is what the suite of votes needs of a store: readers who may vote, and
// one who is erased.
type Votes struct {
	Cast    func(context.Context, votes.Vote) error
	Of      func(ctx context.Context, reader int64, slug string) ([2]votes.Choice, error)
	Tallies func(context.Context) (votes.Tallies, error)
	// ByReader gives a reader's votes.
	ByReader func(ctx context.Context, reader int64) ([]votes.Vote, error)
	Reader   func(t *testing.T, email string) int64
	Leave    func(t *testing.T, email string)
	Erase    func(t *testing.T, email string)
}

// RunVotes holds a store of votes to what package votes promises.
func RunVotes(t *testing.T, v Votes) {
	ctx := t.Context()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	cast := func(reader int64, slug string, tool int, c votes.Choice) {
		t.Helper()
		if err := v.Cast(ctx, votes.Vote{Reader: reader, Slug: slug, Tool: tool, Choice: c, At: at}); err != nil {
			t.Fatalf("cast: %v", err)
		}
	}
	tallies := func(what string, want votes.Tallies) {
		t.Helper()
		got, err := v.Tallies(ctx)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: got %v, %v, want %v", what, got, err, want)
		}
		for slug, both := range want {
			if got[slug] != both {
				t.Errorf("%s: got %v of %s, want %v", what, got[slug], slug, both)
			}
		}
	}
	tallies("no vote", votes.Tallies{})
	ada, bob := v.Reader(t, "ada@example.com"), v.Reader(t, "bob@example.com")
	if got, err := v.Of(ctx, ada, "a-vs-b"); err != nil || got != [2]votes.Choice{votes.None, votes.None} {
		t.Errorf("got %v, %v before a vote, want none", got, err)
	}
	cast(ada, "a-vs-b", 0, votes.Ship)
	cast(bob, "a-vs-b", 0, votes.Skip)
	cast(bob, "a-vs-b", 1, votes.Ship)
	cast(bob, "c-vs-d", 1, votes.Skip)
	tallies("each once", votes.Tallies{"a-vs-b": {{Ship: 1, Skip: 1}, {Ship: 1}}, "c-vs-d": {{}, {Skip: 1}}})
	cast(ada, "a-vs-b", 0, votes.Ship) // pressed twice
	cast(bob, "a-vs-b", 0, votes.Ship) // changed
	tallies("changed", votes.Tallies{"a-vs-b": {{Ship: 2}, {Ship: 1}}, "c-vs-d": {{}, {Skip: 1}}})
	if got, err := v.Of(ctx, bob, "a-vs-b"); err != nil || got != [2]votes.Choice{votes.Ship, votes.Ship} {
		t.Errorf("got %v, %v, want what he said last", got, err)
	}
	if got, err := v.ByReader(ctx, bob); err != nil || len(got) != 3 || got[2] != (votes.Vote{Reader: bob, Slug: "c-vs-d", Tool: 1, Choice: votes.Skip, At: got[2].At}) || !got[2].At.Equal(at) {
		t.Errorf("got %v, %v, want his three votes", got, err)
	}
	if err := v.Cast(ctx, votes.Vote{Reader: bob + 99, Slug: "a-vs-b", Choice: votes.Ship, At: at}); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for nobody's vote, want ErrNotFound", err)
	}
	v.Leave(t, "ada@example.com")
	if err := v.Cast(ctx, votes.Vote{Reader: ada, Slug: "a-vs-b", Tool: 1, Choice: votes.Skip, At: at}); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for a vote of who has left, want ErrNotFound", err)
	}
	tallies("left", votes.Tallies{"a-vs-b": {{Ship: 2}, {Ship: 1}}, "c-vs-d": {{}, {Skip: 1}}}) // the earlier vote stands
	v.Erase(t, "bob@example.com")
	if err := v.Cast(ctx, votes.Vote{Reader: bob, Slug: "a-vs-b", Choice: votes.Ship, At: at}); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for a vote of who was erased, want ErrNotFound", err)
	}
	tallies("erased", votes.Tallies{"a-vs-b": {{Ship: 1}, {}}})
	if got, err := v.Of(ctx, bob, "a-vs-b"); err != nil || got != [2]votes.Choice{votes.None, votes.None} {
		t.Errorf("got %v, %v of who was erased, want none", got, err)
	}
}
