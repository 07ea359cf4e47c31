package storetest

import (
	"testing"

	"verdicts.example/digest/internal/delivery"
)

// What the editors are to be told is there as soon as it has happened, and
// until it is dropped.
func notices(t *testing.T, d *deliveries) {
	d.sending(1)
	d.claimAll()
	told := func() []delivery.Notice {
		t.Helper()
		list, err := d.Notices.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	d.Pause(d.id, "by the editor")
	d.record(delivery.Group{Pause: delivery.Pause{Reason: "later"}})
	if got := told(); len(got) != 0 {
		t.Fatalf("a pause by others: got %+v, want nothing to tell", got)
	}
	d.Pause(d.id, "")
	for range 2 { // the second finds it paused
		d.record(delivery.Group{Pause: delivery.Pause{Reason: "AUTH 535"}})
	}
	alarm := delivery.Alarm{Key: "gmail 7.30", Reply: "421 4.7.30 DKIM does not pass"}
	d.record(delivery.Group{Alarms: []delivery.Alarm{alarm}})
	if got := told(); len(got) != 2 || got[1].Alarm != alarm || got[1].Paused != "" || got[1].Edition != d.id {
		t.Fatalf("got %+v, want the refusal told", got)
	}
	if err := d.Notices.Drop(t.Context(), told()[1].ID); err != nil {
		t.Fatal(err)
	}
	d.Pause(d.id, "")
	d.intend(1)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}})
	if !d.finished() {
		t.Fatal("got the send open, want it finished")
	}
	got := told()
	if len(got) != 2 || got[0].Paused != "AUTH 535" || got[1].Paused != "" {
		t.Fatalf("got %+v, want the pause and the end, once each", got)
	}
	for _, n := range got {
		if n.Edition != d.id || n.Week != "2026-W47" || !n.At.Equal(monday()) {
			t.Errorf("got %+v, want edition %d of 2026-W47 at %s", n, d.id, monday())
		}
	}
	for range 2 {
		if err := d.Notices.Drop(t.Context(), got[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if left := told(); len(left) != 1 || left[0] != got[1] {
		t.Errorf("got %+v, want only the end left", left)
	}
}
