package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// Saved is what the suite of saved comparisons needs of a store: readers who may
// save, and one who is erased.
type Saved struct {
	Save   func(context.Context, saved.Item) error
	Remove func(ctx context.Context, reader int64, slug string) error
	Of     func(ctx context.Context, reader int64) ([]saved.Item, error)
	Kept   func(context.Context) ([]saved.Kept, error)
	Reader func(t *testing.T, email string) int64
	Erase  func(t *testing.T, email string)
}

// RunSaved holds a store to what package saved promises.
func RunSaved(t *testing.T, s Saved) {
	ctx := t.Context()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	ada, bob := s.Reader(t, "ada@example.com"), s.Reader(t, "bob@example.com")
	item := func(reader int64, slug string, minutes int) saved.Item {
		it := saved.Item{Reader: reader, Slug: slug, At: at.Add(time.Duration(minutes) * time.Minute)}
		it.Told.Facts[0] = edition.Facts{Known: true, Ship: 4, Skip: 1, Percent: -1, Entry: "Free"}
		it.Told.Votes[1] = votes.Count{Ship: minutes}
		return it
	}
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	list := func(what string, reader int64, want ...saved.Item) {
		t.Helper()
		got, err := s.Of(ctx, reader)
		check(what, err)
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	list("nothing saved", ada)
	check("save", s.Save(ctx, item(ada, "a-vs-b", 1)))
	check("save", s.Save(ctx, item(ada, "c-vs-d", 2)))
	check("another's", s.Save(ctx, item(bob, "a-vs-b", 1)))
	check("again", s.Save(ctx, item(ada, "a-vs-b", 3)))
	list("each once, as it was first saved", ada, item(ada, "c-vs-d", 2), item(ada, "a-vs-b", 1))
	check("remove", s.Remove(ctx, ada, "a-vs-b"))
	check("remove what is not there", s.Remove(ctx, ada, "a-vs-b"))
	list("removed", ada, item(ada, "c-vs-d", 2))
	list("another's stays", bob, item(bob, "a-vs-b", 1))
	kept, err := s.Kept(ctx)
	check("kept", err)
	if len(kept) != 2 || kept[0].Slug == kept[1].Slug || kept[0].ID == kept[1].ID || kept[0].Facts[0].Entry != "Free" {
		t.Errorf("got %+v, want the two states that somebody was told last", kept)
	}
	if err := s.Save(ctx, item(bob+99, "a-vs-b", 1)); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for nobody's, want ErrNotFound", err)
	}
	for i := range saved.Most - 1 {
		check("fill", s.Save(ctx, item(ada, fmt.Sprint("x-", i), 4)))
	}
	check("what is there, on a full list", s.Save(ctx, item(ada, "c-vs-d", 5)))
	if err := s.Save(ctx, item(ada, "one-more", 5)); !errors.Is(err, saved.ErrFull) {
		t.Errorf("got %v on a full list, want ErrFull", err)
	}
	s.Erase(t, "ada@example.com")
	list("erased", ada)
	list("the others' after it", bob, item(bob, "a-vs-b", 1))
}
