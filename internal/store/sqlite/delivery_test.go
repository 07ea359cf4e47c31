package sqlite_test

import (
	"testing"

	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/storetest"
)

func TestDeliveries(t *testing.T) {
	t.Parallel()
	storetest.RunDeliveries(t, func(t *testing.T) storetest.Deliveries {
		f := deliverytest.Open(t, t.TempDir())
		at := func(id int64, verb func()) { f.Edition = id; verb() }
		return storetest.Deliveries{
			Store: f.Store, Freezer: f.Stores.Freezer, Leases: f.Leases, Notices: f.Stores.Notices,
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
