package delivery_test

import (
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// Another process that writes for longer than SQLite waits, and for longer than
// the lease, as an import of a large list does, costs a running send time and
// nothing else.
func TestAnotherProcessWritesForLong(t *testing.T) {
	t.Parallel()
	const (
		n     = 60
		holds = 8 * time.Second // SQLite waits for 5
	)
	f := deliverytest.New(t, n)
	f.Freeze()
	var messages atomic.Int32
	freed := make(chan error, 1)
	server := &deliverytest.Server{Before: func(delivery.Envelope) {
		if messages.Add(1) != n/2 {
			return
		}
		release, err := f.Database.Block()
		if err != nil {
			freed <- err
			return
		}
		go func() {
			time.Sleep(holds)
			freed <- release()
		}()
	}}
	opt := f.Options(server)
	opt.LeaseFor = 3 * time.Second
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil {
		t.Errorf("got %v, want the send to wait for the other writer", err)
	}
	if err := <-freed; err != nil {
		t.Fatal(err)
	}
	if sum.Counts[delivery.Accepted] != n || !sum.Finished {
		t.Errorf("got %v, finished %v, want %d accepted", sum.Counts, sum.Finished, n)
	}
	f.Verify()
}
