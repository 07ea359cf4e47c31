package delivery_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

func TestUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := deliverytest.New(t, 50)
		f.Freeze()
		server := &deliverytest.Server{OnDial: func(int) error { return errors.New("connection refused") }}
		opt := f.Options(server)
		opt.Pacing.GiveUp = 300 * time.Millisecond
		var log bytes.Buffer
		opt.Log = slog.New(slog.NewTextHandler(&log, nil))
		sum, err := delivery.Run(t.Context(), opt)
		if got := strings.Count(log.String(), "trying again"); got != 1 || !strings.Contains(log.String(), "connection refused") {
			t.Errorf("got %d warnings in %q, want one that says what is refused", got, log.String())
		}
		if !errors.Is(err, delivery.ErrUnreachable) || sum.Counts[delivery.Queued] != 50 {
			t.Errorf("got %v, %v, want ErrUnreachable and all queued", sum.Counts, err)
		}
		if got := server.Dials(); got > 8 {
			t.Errorf("got %d connections tried, want no hot loop", got)
		}
		for id, d := range f.Deliveries() {
			if d.Attempts != 0 {
				t.Errorf("reader %d: got %d attempts, want none: it was nobody's fault", id, d.Attempts)
			}
		}
	})
}

// A relay that answers every MAIL with a 4xx can be reached, and what it says is
// told.
func TestAnswersAndTakesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := deliverytest.New(t, 50)
		f.Freeze()
		server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
			return deliverytest.Reply(delivery.PhaseMail, 451, "4.3.0", "the queue is full")
		}}
		opt := f.Options(server)
		opt.Pacing.GiveUp = 300 * time.Millisecond
		var log bytes.Buffer
		opt.Log = slog.New(slog.NewTextHandler(&log, nil))
		sum, err := delivery.Run(t.Context(), opt)
		if !errors.Is(err, delivery.ErrUnreachable) || strings.Contains(err.Error(), "reached") || !strings.Contains(err.Error(), "451 4.3.0 the queue is full") {
			t.Errorf("got %v, want what it answers, not that it cannot be reached", err)
		}
		if text := log.String(); !strings.Contains(text, "takes no message") || !strings.Contains(text, "451 4.3.0") || strings.Contains(text, "no connection") {
			t.Errorf("got %q logged, want what it answers", text)
		}
		for id, d := range f.Deliveries() {
			if d.State.Final() {
				t.Errorf("reader %d: got %s, want it to wait", id, d.State)
			}
		}
		if sum.Counts[delivery.Failed] != 0 {
			t.Errorf("got %v, want none failed", sum.Counts)
		}
	})
}

// A server that says 524 5.2.4 to everybody, after it has taken some, speaks of no
// mailbox: the send pauses, and nobody is counted as a soft bounce.
func TestPolicyThatLooksLikeMailboxes(t *testing.T) {
	t.Parallel()
	const n, taken = 100, 20
	f := deliverytest.New(t, n)
	f.Freeze()
	var accepted atomic.Int32
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		if accepted.Add(1) <= taken {
			return deliverytest.Accepted()
		}
		return deliverytest.Reply(delivery.PhaseRcpt, 524, "5.2.4", "Mailing list expansion problem")
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if got := sum.Counts[delivery.Accepted]; !errors.Is(err, delivery.ErrPaused) || got < taken-8 || got > taken { // the pause ends what is in hand
		t.Fatalf("got %v, %v, want a pause after %d accepted", sum.Counts, err, taken)
	}
	if got := sum.Counts[delivery.Failed]; got > 8 { // one a connection may have been decided by an acceptance
		t.Errorf("got %d failed, want next to none: nobody knows whose fault it is", got)
	}
	f.Resume()
	if _, err := delivery.Run(t.Context(), f.Options(server)); !errors.Is(err, delivery.ErrPaused) {
		t.Errorf("got %v, want a pause again", err)
	}
	f.Verify()
}
