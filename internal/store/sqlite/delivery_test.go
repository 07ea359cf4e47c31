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
		return storetest.Deliveries{
			Store: f.DB, Freezer: f.DB,
			Compact:     func(before, at time.Time) (int64, error) { return f.DB.CompactDeliveries(t.Context(), before, at) },
			AddReaders:  f.AddReaders,
			AddEdition:  f.AddEdition,
			Unsubscribe: func(id int64) { f.Exec(`UPDATE subscribers SET status = 2 WHERE id = ?`, id) },
			Pause:       func(id int64, reason string) { f.Exec(`UPDATE editions SET pause_reason = ? WHERE id = ?`, reason, id) },
			Cancel:      func(id int64) { f.Exec(`UPDATE editions SET state = 'cancelled' WHERE id = ?`, id) },
			Suppression: func(id int64) subscribers.Reason {
				return subscribers.Reason(f.Int(`SELECT suppressed FROM subscribers WHERE id = ?`, id))
			},
		}
	})
}
