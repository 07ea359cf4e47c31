package postgres_test

import (
	"context"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/storetest"
)

// fixture is a database of the version's server.
func fixture(t *testing.T, version string) (*deliverytest.Fixture, *postgrestest.Fixture) {
	t.Helper()
	db, err := postgrestest.Open(postgrestest.Schema(t, version))
	if err != nil {
		t.Fatal(err)
	}
	f := deliverytest.Over(t, t.TempDir(), db)
	t.Cleanup(func() {
		if err := db.Sound(); err != nil {
			t.Error(err)
		}
	})
	return f, db
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		storetest.RunDeliveries(t, func(t *testing.T) storetest.Deliveries {
			f, db := fixture(t, version)
			at := func(id int64, verb func()) { f.Edition = id; verb() }
			return storetest.Deliveries{
				Store: f.Store, Freezer: f.Stores.Freezer, Leases: f.Leases, Notices: f.Stores.Notices, Inbox: db.DB.Inbox(),
				Subscribers:  db.DB.Subscribers(),
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
				Saved: db.DB.Saved(),
				Lapse: db.Lapse,
			}
		})
	})
}

// editionsOf gives the store to the suite, with delivery's freeze of it.
func editionsOf(f *deliverytest.Fixture, db *postgrestest.Fixture) storetest.Editions {
	return storetest.Editions{
		Store: db.DB.Editions(), Keeper: db.DB.Editions(), EditStore: db.DB.Editions(), Amender: db.DB.Editions(),
		Freeze: func(ctx context.Context, x delivery.Freeze) error { return db.DB.FreezeAlone(ctx, x) },
	}
}

func TestEditions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		storetest.RunEditions(t, func(t *testing.T) storetest.Editions { return editionsOf(fixture(t, version)) })
		t.Run("AnyWay", func(t *testing.T) {
			t.Parallel()
			storetest.CheckEditionStates(t, editionsOf(fixture(t, version)))
		})
	})
}
