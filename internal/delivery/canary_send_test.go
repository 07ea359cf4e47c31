package delivery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

// firstPart sends with a first part of so many readers.
func firstPart(f *deliverytest.Fixture, d delivery.Dialer, readers int) delivery.Options {
	opt := f.Options(d)
	opt.Pacing.Canary = delivery.Canary{Readers: readers, Wait: 30 * time.Minute, Editors: []string{deliverytest.Email(150)}}
	return opt
}

// The first part gets the edition, then nobody for the wait, then everybody, once;
// it is one send.
func TestFirstPartFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, part = 200, 20
		f := deliverytest.New(t, n)
		f.Freeze()
		var times []time.Time
		began := time.Now()
		server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
			times = append(times, time.Now())
			return deliverytest.Accepted()
		}}
		opt := firstPart(f, server, part)
		opt.Pacing.Connections = 1
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil || !sum.Finished {
			t.Fatalf("got %+v, %v, want the whole send", sum, err)
		}
		once(t, server, n)
		for i, at := range times {
			if early := at.Sub(began) < 29*time.Minute; early != (i < part) {
				t.Fatalf("message %d: got it after %v, want the first %d before the wait and the others after it", i, at.Sub(began), part)
			}
		}
		if stand := f.Info().Canary; len(stand.IDs) != part || !slices.Contains(stand.IDs, 150) {
			t.Errorf("got %+v, want %d readers, the editor among them", stand, part)
		}
		f.Verify()
	})
}

// A sender that dies in the wait, or is ended, waits to the same instant when it
// goes on; who skips the wait sends at once.
func TestFirstPartGoesOn(t *testing.T) {
	t.Parallel()
	for name, skip := range map[string]bool{"the same instant": false, "the wait is skipped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n, part = 100, 10
				f := deliverytest.New(t, n)
				f.Freeze()
				server := &deliverytest.Server{}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				if _, err := delivery.Run(ctx, firstPart(f, server, part)); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("got %v, want the end in the wait", err)
				}
				if got := len(server.Received()); got != part {
					t.Fatalf("got %d messages before the wait, want %d", got, part)
				}
				until := f.Info().Canary.Until
				opt := firstPart(f, server, part)
				opt.Pacing.Canary.Wait = time.Hour // it is what it was when it began
				if skip {
					if err := f.Store.EndCanary(t.Context(), f.Edition, time.Now(), false); err != nil {
						t.Fatal(err)
					}
					until = time.Now()
				}
				var first time.Time
				server.Answer = func(delivery.Envelope, int) delivery.Result {
					if first.IsZero() {
						first = time.Now()
					}
					return deliverytest.Accepted()
				}
				opt.Pacing.Connections = 1
				if sum, err := delivery.Run(t.Context(), opt); err != nil || !sum.Finished {
					t.Fatalf("got %+v, %v, want the end", sum, err)
				}
				if d := first.Sub(until); d < 0 || d > 5*time.Second {
					t.Errorf("got the others' first message %v after %s, want at that instant", d, until)
				}
				once(t, server, n)
				f.Verify()
			})
		})
	}
}

// A relay that begins to answer Gmail's 4.7.30 in the middle of the first part stops
// the send before the others, over real SMTP, and says what it means.
func TestFirstPartMeetsARefusal(t *testing.T) {
	t.Parallel()
	const n, part, before = 300, 30, 12
	f := deliverytest.New(t, n)
	f.Freeze()
	const refusal = "450 4.7.30 This mail has been rate limited because DKIM does not pass"
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: []smtpsink.Fault{
		{At: smtpsink.RCPT, Do: smtpsink.Reply, After: before, Reply: refusal},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	sum, err := delivery.Run(t.Context(), firstPart(f, dialer(t, sink), part))
	if !errors.Is(err, delivery.ErrPaused) {
		t.Fatalf("got %+v, %v, want a pause", sum, err)
	}
	for _, want := range []string{"first part", "450 4.7.30", "DKIM did not pass", "publish the DKIM key", "digest doctor"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
	if got := sum.Counts[delivery.Accepted]; got == 0 || got > before {
		t.Errorf("got %d accepted, want some, and at most the %d of before the refusals", got, before)
	}
	if got := sum.Counts[delivery.Accepted] + sum.Counts[delivery.Deferred] + sum.Counts[delivery.Queued]; got != n {
		t.Errorf("got %v, want everybody else queued or deferred", sum.Counts)
	}
	onlyFirstPart(t, f, sink)
	if told := f.Told(); len(told) != 1 || !strings.Contains(told[0], "4.7.30") {
		t.Errorf("got %q told, want the pause once", told)
	}
}

// onlyFirstPart fails the test when anybody outside of the first part was mailed, or
// was asked about.
func onlyFirstPart(t *testing.T, f *deliverytest.Fixture, sink *smtpsink.Sink) {
	t.Helper()
	part := f.Info().Canary.IDs
	first := map[string]bool{}
	for id, d := range f.Deliveries() {
		in := slices.Contains(part, id)
		if first[d.Email] = in; !in && (d.State != delivery.Queued || d.Attempts != 0 || d.Reply != "") {
			t.Errorf("got reader %d %s after %d attempts (%q), want nothing done outside of the first part", id, d.State, d.Attempts, d.Reply)
		}
	}
	for _, m := range sink.Messages() {
		if !first[m.To] {
			t.Errorf("got a message to %s, want none outside of the first part", m.To)
		}
	}
}
