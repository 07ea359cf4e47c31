package delivery_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// once fails the test unless each of n readers has exactly one message.
func once(t *testing.T, s *deliverytest.Server, n int64) {
	t.Helper()
	got := s.Received()
	for i := int64(1); i <= n; i++ {
		if got[deliverytest.Email(i)] != 1 {
			t.Errorf("reader %d: got %d messages, want 1", i, got[deliverytest.Email(i)])
		}
	}
}

func TestRunSendsToEverybodyOnce(t *testing.T) {
	t.Parallel()
	const n = 3000
	f := deliverytest.New(t, n)
	if got := f.Freeze(); got.Recipients != n || got.Resumed {
		t.Fatalf("freeze: got %+v, want %d recipients", got, n)
	}
	server := &deliverytest.Server{}
	opt := f.Options(server)
	opt.Progress = &delivery.Progress{}
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
		t.Fatalf("got %+v, %v, want %d accepted and the end", sum, err, n)
	}
	once(t, server, n)
	f.Verify()
	if info := f.Info(); !f.Sent() || info.FinishedAt.IsZero() {
		t.Errorf("got %+v, want it sent", info)
	}
	if got := opt.Progress.Snapshot(time.Now(), 3); got.Counts != sum.Counts || len(got.Domains) != 3 {
		t.Errorf("progress: got %+v, want %v and 3 domains", got, sum.Counts)
	}
	if _, err := delivery.Run(t.Context(), f.Options(server)); !errors.Is(err, delivery.ErrNotSending) {
		t.Errorf("second run: got %v, want ErrNotSending", err)
	}
	once(t, server, n)
}
