package sqlite_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery/deliverytest"
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

// Who chose topics is a recipient of the editions that have one of them.
func TestFreezeKeepsToTopics(t *testing.T) {
	t.Parallel()
	f := deliverytest.Open(t, t.TempDir())
	f.AddReaders(5)
	f.AddEdition("2026-W47")
	for id, topics := range map[int64][]string{
		1: {"design"}, 2: {"Developer Tools", "Agents"}, 3: {"Sign"}, 4: {"Élan"},
	} {
		_, err := f.SQLite().DB.Subscribers().Change(t.Context(), id, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
			s.Categories = topics
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	freeze := f.FreezeOf(f.Edition)
	freeze.Topics = []string{"Design", "Agents", "Élan"}
	got, err := f.SQLite().DB.Deliveries().Freeze(t.Context(), freeze)
	if err != nil || got.Recipients != 4 || got.Duplicates != 0 {
		t.Errorf("got %+v, %v, want the three with one of the topics, and the one with none", got, err)
	}
}
