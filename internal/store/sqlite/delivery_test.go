package sqlite_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

func TestDeliveries(t *testing.T) {
	t.Parallel()
	storetest.RunDeliveries(t, func(t *testing.T) storetest.Deliveries {
		f := deliverytest.Open(t, t.TempDir())
		at := func(id int64, verb func()) { f.Edition = id; verb() }
		return storetest.Deliveries{
			Store: f.Store, Freezer: f.Stores.Freezer, Leases: f.Leases, Notices: f.Stores.Notices, Inbox: f.SQLite().DB.Inbox(),
			Subscribers:  f.SQLite().DB.Subscribers(),
			Compact:      f.Stores.Compact,
			AddReaders:   f.AddReaders,
			AddReadersAt: f.AddReadersAt,
			AddEdition:   f.AddEdition,
			Unsubscribe:  func(id int64) { f.Leave(id) },
			Pause:        func(id int64, reason string) { at(id, func() { f.Pause(reason) }) },
			Cancel:       func(id int64) { at(id, f.Cancel) },
			Suppression:  f.Suppression,
			Vary:         func(id, upTo int64, variant int) { at(id, func() { f.Vary(upTo, variant) }) },
			Settle: func(id int64, s delivery.State, n int, reply string) {
				at(id, func() { f.Settle(s, n, reply) })
			},
			Saved: f.SQLite().DB.Saved(),
		}
	})
}

// Who has paused is no recipient until the pause is over.
func TestFreezeLeavesOutWhoPaused(t *testing.T) {
	t.Parallel()
	f := deliverytest.Open(t, t.TempDir())
	f.AddReaders(5)
	f.AddEdition("2026-W47")
	freeze := f.FreezeOf(f.Edition)
	for id, until := range map[int64]time.Time{2: freeze.At.Add(time.Hour), 4: freeze.At.Add(-time.Hour)} {
		_, err := f.SQLite().DB.Subscribers().Change(t.Context(), id, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
			s.PausedUntil = until
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := f.Freeze(); got.Recipients != 4 || got.Duplicates != 0 {
		t.Errorf("got %+v, want the four who have not paused", got)
	}
}

// Who chose topics gets the variant that has them, or nothing; topics that the
// freeze does not know undo it.
func TestFreezeKeepsToTopics(t *testing.T) {
	t.Parallel()
	f := deliverytest.Open(t, t.TempDir())
	f.AddReaders(5)
	f.AddEdition("2026-W47")
	db := f.SQLite().DB
	for id, topics := range map[int64][]string{1: {"Design"}, 2: {"Tools", "Agents"}, 3: {"Sign"}, 4: {"Élan"}} {
		_, err := db.Subscribers().Change(t.Context(), id, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
			s.Categories = topics
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	counts, err := db.Deliveries().Topics(t.Context(), time.Now())
	if want := (map[string]int64{"": 1, "Design": 1, "Tools,Agents": 1, "Sign": 1, "Élan": 1}); err != nil || !maps.Equal(counts, want) {
		t.Errorf("got %v, %v, want %v", counts, err, want)
	}
	freeze := f.FreezeOf(f.Edition)
	freeze.Cuts = []edition.Variant{{Number: 1, Message: []byte("one"), Slugs: []string{"a-vs-b", "c-vs-d"}}, {Number: 2, Message: []byte("two"), Slugs: []string{"e-vs-f"}}}
	freeze.Topics = map[string]int{"": 0, "Design": 1, "Élan": 1, "Sign": delivery.NoMail}
	if _, err := db.Deliveries().Freeze(t.Context(), freeze); !errors.Is(err, delivery.ErrTopics) {
		t.Errorf("got %v, want ErrTopics", err)
	}
	freeze.Topics["Tools,Agents"] = 2
	got, err := db.Deliveries().Freeze(t.Context(), freeze)
	if err != nil || got.Recipients != 4 || got.Duplicates != 0 {
		t.Errorf("got %+v, %v, want the four of whose topics it has something", got, err)
	}
	versions, err := db.Deliveries().Versions(t.Context(), f.Edition)
	if err != nil || versions[0].Total() != 1 || versions[1].Total() != 2 || versions[2].Total() != 1 {
		t.Errorf("got %v, %v, want one with all, two and one with a part", versions, err)
	}
	kept, err := db.Editions().Frozen(t.Context(), edition.Week{Year: 2026, Number: 47})
	if err != nil || len(kept) != 3 || !slices.Equal(kept[1].Slugs, freeze.Cuts[0].Slugs) || len(kept[0].Slugs) != 0 || string(kept[2].Message) != "two" {
		t.Errorf("got %+v, %v, want the three variants and what they compare", kept, err)
	}
}
