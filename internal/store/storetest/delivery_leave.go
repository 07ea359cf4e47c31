package storetest

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// A leaving is one way in which a reader comes not to be mailed any more.
type leaving func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error

func leavings() map[string]leaving {
	imported := func(csv func(r subscribers.Subscriber) string) leaving {
		return func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Import(ctx, strings.NewReader(csv(r)), subscribers.ImportOptions{Source: "import:test.csv"})
			return err
		}
	}
	return map[string]leaving{
		"by their link": func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Unsubscribe(ctx, r.Token.String(), "page")
			return err
		},
		"removed": func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Remove(ctx, r.Email, true)
			return err
		},
		"suppressed": func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error {
			return s.Suppress(ctx, r.Email, subscribers.Complaint, "")
		},
		"erased": func(ctx context.Context, s *subscribers.Service, r subscribers.Subscriber) error {
			_, err := s.Erase(ctx, r.Email)
			return err
		},
		"unsubscribed by a file": imported(func(r subscribers.Subscriber) string { return "email,status\n" + r.Email + ",unsubscribed\n" }),
		"suppressed by a file":   imported(func(r subscribers.Subscriber) string { return "email,status\n" + r.Email + ",bounced\n" }),
		"suppressed by a file of hashes": imported(func(r subscribers.Subscriber) string {
			a, err := subscribers.ParseAddress(r.Email)
			if err != nil {
				panic(err)
			}
			return "email_sha256,status\n" + hex.EncodeToString(a.SHA256[:]) + ",bounced\n"
		}),
	}
}

// Whoever comes not to be mailed any more, in whatever way, leaves the running
// send in the same transaction, whether queued, in a sender's hand or deferred;
// what has left stays.
func leaveRunningSend(t *testing.T, d *deliveries) {
	ways := leavings()
	const states = 4 // a reader each: accepted, deferred, claimed, queued
	d.sending(states*len(ways) + 1)
	n := int64(len(ways))
	claimed := d.claim(delivery.Claim{Limit: 3 * len(ways)}).Recipients
	for _, r := range claimed[:2*n] {
		d.intend(r.ID)
		o := delivery.Outcome{ID: r.ID, State: delivery.Accepted, Dotted: true, Attempt: true}
		if r.ID > n {
			o = delivery.Outcome{ID: r.ID, State: delivery.Deferred, Dotted: true, Attempt: true, NextAttempt: monday().Add(time.Hour)}
		}
		d.record(delivery.Group{Outcomes: []delivery.Outcome{o}})
	}
	d.want(accepted, n, deferred, n, int64(delivery.Claimed), n, queued, n+1)
	list := subscribers.New(d.Subscribers, nil, subscribers.Options{Now: monday})
	first := int64(1)
	for name, leave := range ways {
		for part := range int64(states) {
			r, err := d.Subscribers.ByID(t.Context(), first+part*n)
			if err == nil {
				err = leave(t.Context(), list, r)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		want := fmt.Sprint(map[delivery.State]int64{delivery.Accepted: n, delivery.Suppressed: 3 * first})
		got, err := d.Counts(t.Context(), d.id)
		if err != nil {
			t.Fatal(err)
		}
		if s := fmt.Sprint(map[delivery.State]int64{delivery.Accepted: got[delivery.Accepted], delivery.Suppressed: got[delivery.Suppressed]}); s != want {
			t.Errorf("%s: got %s, want %s", name, s, want)
		}
		first++
	}
	d.want(accepted, n, suppressed, 3*n, queued, 1)
}
