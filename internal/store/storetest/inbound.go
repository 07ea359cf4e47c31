package storetest

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// A finding about a reader's mail of the week n weeks on, as ended makes them.
func finding(week int, id int64, class subscribers.BounceClass, mail string) inbound.Finding {
	f := inbound.Finding{
		Week: fmt.Sprintf("2027-W%02d", 10+week), Subscriber: id, Kind: inbound.KindBounce, Class: class,
		Status: "5.1.1", Reply: "550 5.1.1 <reader@reader.example> no such user", Reason: "no such mailbox",
		Mail: sha256.Sum256([]byte(mail)), At: monday().AddDate(0, 0, 7*week+1),
	}
	if class == subscribers.BounceComplaint {
		f.Kind = inbound.KindComplaint
	}
	return f
}

func (d *deliveries) back(f inbound.Finding) inbound.Effect {
	d.t.Helper()
	e, err := d.Inbox.Record(d.t.Context(), f)
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

// What comes back suppresses by the same rule as a refusal in the session, and
// changes no sum.
func returned(t *testing.T, d *deliveries) {
	d.AddReadersAt(6, func(id int64) string { return fmt.Sprintf("r%d@d%d.example", id, id) })
	d.ended(1, delivery.Pause{}, nil)
	for id, step := range map[int64]struct {
		class subscribers.BounceClass
		want  subscribers.Reason
	}{
		1: {subscribers.BounceHard, subscribers.HardBounce},
		2: {subscribers.BounceComplaint, subscribers.Complaint},
		3: {subscribers.BounceSoft, subscribers.NotSuppressed},
		4: {subscribers.BouncePolicy, subscribers.NotSuppressed},
		5: {subscribers.BounceSender, subscribers.NotSuppressed},
		6: {subscribers.BounceDelayed, subscribers.NotSuppressed},
	} {
		e := d.back(finding(1, id, step.class, fmt.Sprint("mail", id)))
		if got := d.Suppression(id); !e.Known || e.Again || e.Suppressed != step.want || got != step.want {
			t.Errorf("%s: got %+v and suppression %d, want %d", step.class, e, got, step.want)
		}
	}
	d.want(accepted, 6)
	if e := d.back(finding(1, 1, subscribers.BounceHard, "mail1")); !e.Again {
		t.Errorf("the same mail again: got %+v", e)
	}
	if e := d.back(finding(30, 1, subscribers.BounceHard, "other")); e.Known {
		t.Errorf("a week without a send: got %+v", e)
	}
	if e := d.back(finding(1, 99, subscribers.BounceHard, "other")); e.Known {
		t.Errorf("nobody's: got %+v", e)
	}
}

// Three soft bounces in five editions suppress, from the session or later, and
// two in one edition count once.
func returnedSoft(t *testing.T, d *deliveries) {
	d.AddReaders(1)
	d.ended(1, delivery.Pause{}, nil)
	for i := range 4 {
		d.back(finding(1, 1, subscribers.BounceSoft, fmt.Sprint("first", i)))
	}
	d.ended(2, delivery.Pause{}, map[int64]delivery.Fault{1: delivery.SoftFault})
	if got := d.Suppression(1); got != subscribers.NotSuppressed {
		t.Errorf("two of five: got suppression %d, want none", got)
	}
	d.ended(3, delivery.Pause{}, nil)
	if e := d.back(finding(3, 1, subscribers.BounceSoft, "third")); e.Suppressed != subscribers.SoftBounces {
		t.Errorf("three of five: got %+v, want suppressed", e)
	}
}

// An outage that says "no such user" of many who took mail before is believed
// of the first only.
func returnedOutage(t *testing.T, d *deliveries) {
	d.AddReadersAt(6, func(id int64) string { return fmt.Sprintf("r%d@one.example", id) })
	d.ended(1, delivery.Pause{}, nil)
	d.ended(2, delivery.Pause{}, nil)
	for id := range int64(6) {
		d.back(finding(2, id+1, subscribers.BounceHard, fmt.Sprint("mail", id)))
	}
	n := 0
	for id := range int64(6) {
		if d.Suppression(id+1) != subscribers.NotSuppressed {
			n++
		}
	}
	if n != 1 {
		t.Errorf("got %d readers suppressed, want the first", n)
	}
}

// A bounce shows that the relay had taken what was unknown.
func returnedUnknown(t *testing.T, d *deliveries) {
	d.AddReaders(2)
	d.id = d.AddEdition("2027-W11")
	d.freeze(d.id)
	d.begin()
	for _, r := range d.claimAll() {
		d.intend(r.ID)
	}
	d.record(delivery.Group{At: monday(), Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Unknown, Dotted: true, Attempt: true}, {ID: 2, State: delivery.Unknown, Dotted: true, Attempt: true},
	}})
	d.want(unknown, 2)
	f := finding(1, 1, subscribers.BounceDelayed, "delay")
	f.Kind = inbound.KindDelay
	if e := d.back(f); !e.Settled {
		t.Errorf("got %+v, want it settled", e)
	}
	d.want(accepted, 1, unknown, 1)

	rest, err := d.Inbox.Unknown(t.Context())
	if err != nil || len(rest) != 1 || !rest[inbound.Delivery{Week: "2027-W11", Subscriber: 2}] {
		t.Fatalf("got %v, %v, want reader 2", rest, err)
	}
	logged := []inbound.Logged{
		{Delivery: inbound.Delivery{Week: "2027-W11", Subscriber: 1}, Queue: "A"},
		{Delivery: inbound.Delivery{Week: "2027-W11", Subscriber: 2}, Queue: "B", Words: "sent (250 OK)"},
		{Delivery: inbound.Delivery{Week: "2027-W30", Subscriber: 2}, Queue: "C"},
	}
	if n, err := d.Inbox.Settle(t.Context(), logged, monday()); err != nil || n != 1 {
		t.Errorf("settle: got %d, %v, want 1", n, err)
	}
	d.want(accepted, 2)
}

// A database that was put back has queued whom the relay has a message for.
func loggedForgotten(t *testing.T, d *deliveries) {
	d.AddReaders(2)
	d.id = d.AddEdition("2027-W12")
	d.freeze(d.id)
	logged := []inbound.Logged{{Delivery: inbound.Delivery{Week: "2027-W12", Subscriber: 2}, Queue: "B", Words: "sent (250 OK)"}}
	for want := int64(1); want >= 0; want-- { // once
		if n, err := d.Inbox.Settle(t.Context(), logged, monday()); err != nil || n != want {
			t.Errorf("settle: got %d, %v, want %d", n, err, want)
		}
	}
	d.want(accepted, 1, queued, 1)
}

// Who is erased is in no kept mail, however it writes the address; others' stay.
func erasedIsNotKept(t *testing.T, d *deliveries) {
	d.AddReadersAt(1, func(int64) string { return "ada@example.com" })
	for i, raw := range []string{"To: ADA@example.com\n\n\x00", "Content-Transfer-Encoding: quoted-printable\n\nada=40example.com", "To: grace@example.com\n\nback"} {
		k := inbound.Kept{Mail: sha256.Sum256(fmt.Append(nil, i)), Kind: inbound.KindNone, Why: "why", At: monday(), Raw: []byte(raw), Size: len(raw)}
		if err := d.Inbox.Keep(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	list := subscribers.New(d.Subscribers, nil, subscribers.Options{Now: monday})
	if found, err := list.Erase(t.Context(), "ada@example.com"); !found || err != nil {
		t.Fatalf("got %t, %v, want her erased", found, err)
	}
	kept, err := d.Inbox.Kept(t.Context())
	if err != nil || len(kept) != 1 || !strings.Contains(string(kept[0].Raw), "grace") {
		t.Errorf("got %d kept, %v, want the one about another", len(kept), err)
	}
}

// Mails are kept once, and the newest of them.
func inboxKeeps(t *testing.T, d *deliveries) {
	for i := range inbound.KeptMails + 5 {
		k := inbound.Kept{Mail: sha256.Sum256(fmt.Append(nil, i)), Kind: inbound.KindNone, Why: "why", At: monday().Add(time.Duration(i) * time.Second), Raw: []byte("raw"), Size: 3}
		for range 2 {
			if err := d.Inbox.Keep(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
	}
	list, err := d.Inbox.Kept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != inbound.KeptMails || !list[0].At.Equal(monday().Add((inbound.KeptMails+4)*time.Second)) {
		t.Errorf("got %d kept, the newest of %s", len(list), list[0].At)
	}
	report := inbound.DMARC{Org: "o", ReportID: "1", Domain: "example.org", Messages: 5, Failed: 2, Sources: []inbound.DMARCSource{{IP: "192.0.2.1", Failed: 2}}}
	for range 2 {
		if err := d.Inbox.RecordDMARC(t.Context(), report, monday()); err != nil {
			t.Fatal(err)
		}
	}
	reports, err := d.Inbox.DMARC(t.Context())
	if err != nil || len(reports) != 1 || reports[0].Failed != 2 || len(reports[0].Sources) != 1 {
		t.Errorf("got %+v, %v, want the one report", reports, err)
	}
}

// What comes back of a mail that is no digest is judged by itself, and touches no
// delivery.
func returnedNotice(t *testing.T, d *deliveries) {
	d.AddReaders(4)
	for id, step := range map[int64]struct {
		class subscribers.BounceClass
		want  subscribers.Reason
	}{
		1: {subscribers.BounceHard, subscribers.HardBounce}, 2: {subscribers.BounceComplaint, subscribers.Complaint},
		3: {subscribers.BounceSoft, subscribers.NotSuppressed}, 4: {subscribers.BouncePolicy, subscribers.NotSuppressed},
	} {
		f := finding(1, id, step.class, "mail")
		f.Notice = true
		e := d.back(f)
		if got := d.Suppression(id); !e.Known || e.Again || e.Expired || e.Suppressed != step.want || got != step.want {
			t.Errorf("%s: got %+v and suppression %d, want %d", step.class, e, got, step.want)
		}
		if e := d.back(f); !e.Again {
			t.Errorf("%s again: got %+v", step.class, e)
		}
	}
	f := finding(1, 99, subscribers.BounceHard, "mail")
	f.Notice = true
	if e := d.back(f); e.Known {
		t.Errorf("nobody's: got %+v", e)
	}
}

// The newest mail to an address is found, whatever its case.
func sentTo(t *testing.T, d *deliveries) {
	d.AddReadersAt(2, func(id int64) string { return fmt.Sprintf("r%d@d.example", id) })
	d.ended(1, delivery.Pause{}, nil)
	d.ended(2, delivery.Pause{}, nil)
	now := monday().AddDate(1, 0, 0)
	for address, want := range map[string]inbound.Delivery{
		"R2@d.example": {Week: "2027-W12", Subscriber: 2}, "r3@d.example": {}, "nonsense": {},
	} {
		got, ok, err := d.Inbox.SentTo(t.Context(), address, now)
		if err != nil || got != want || ok != (want.Subscriber > 0) {
			t.Errorf("%s: got %+v, %t, %v, want %+v", address, got, ok, err, want)
		}
	}
	if _, ok, err := d.Inbox.SentTo(t.Context(), "r2@d.example", monday().AddDate(-1, 0, 0)); ok || err != nil {
		t.Errorf("before the first send: got %t, %v, want none", ok, err)
	}
}
