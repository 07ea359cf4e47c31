package storetest

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// freezeWhom holds the stores' condition on who gets an edition to the rule,
// subscribers.Subscriber.GetsDigests, over every status, suppression and pause.
func freezeWhom(t *testing.T, d *deliveries) {
	csv := "email,status\nactive@example.com,active\npending@example.com,pending\nleft@example.com,unsubscribed\nbounced@example.com,bounced\ncomplained@example.com,complained\nmanual@example.com,active\n"
	pauses := map[string]time.Time{
		"until-before@example.com": monday().Add(-time.Millisecond),
		"until-then@example.com":   monday(),
		"until-after@example.com":  monday().Add(time.Millisecond),
		"left-paused@example.com":  monday().Add(time.Hour),
	}
	for email := range pauses {
		csv += email + ",active\n"
	}
	svc := subscribers.New(d.Subscribers, nil, subscribers.Options{Now: monday})
	if _, err := svc.Import(t.Context(), strings.NewReader(csv), subscribers.ImportOptions{Source: "test"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for s, err := range d.Subscribers.List(t.Context(), subscribers.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		want[s.Email] = false
	}
	for email := range want {
		want[email] = d.changed(email, pauses[email]).GetsDigests(monday())
	}
	d.freezes(want)
}

// changed gives a reader with a pause, and as their address says.
func (d *deliveries) changed(email string, pause time.Time) subscribers.Subscriber {
	d.t.Helper()
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := d.Subscribers.ByKey(d.t.Context(), a.Key)
	if err == nil && !pause.IsZero() {
		_, err = d.Subscribers.Change(d.t.Context(), s.ID, func(s subscribers.Subscriber) (subscribers.Subscriber, error) {
			s.PausedUntil = pause
			return s, nil
		})
	}
	switch {
	case err != nil:
	case strings.HasPrefix(email, "manual"):
		err = d.Subscribers.Suppress(d.t.Context(), a, subscribers.Suppression{Reason: subscribers.Manual, At: monday()})
	case strings.HasPrefix(email, "left-"):
		_, err = d.Subscribers.Leave(d.t.Context(), s.ID, "test", false, monday())
	}
	if err == nil {
		s, err = d.Subscribers.ByKey(d.t.Context(), a.Key)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// freezes freezes an edition, which those who are wanted get and no others.
func (d *deliveries) freezes(want map[string]bool) {
	d.t.Helper()
	var readers int64
	for _, gets := range want {
		if gets {
			readers++
		}
	}
	if len(want) != 10 || readers != 3 {
		d.t.Errorf("got the rule say yes to %d of %d, want it to tell 3 from 10", readers, len(want))
	}
	topics, err := d.Topics(d.t.Context(), monday())
	if err != nil || topics[""] != readers {
		d.t.Errorf("got %v, %v by topics, want %d", topics, err, readers)
	}
	d.id = d.AddEdition("2026-W47")
	if got := d.freeze(d.id); got.Recipients != readers {
		d.t.Errorf("got %d recipients, want %d", got.Recipients, readers)
	}
	list, err := d.List(d.t.Context(), d.id, delivery.Queued, 0, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range list {
		if !want[r.Email] {
			d.t.Errorf("got it frozen for %s, want it not", r.Email)
		}
	}
}
