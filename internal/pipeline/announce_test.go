package pipeline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/smtpsink"
)

// A process that dies between a send's end and the report leaves the report to
// the next one.
func TestReportAfterACrash(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	e, _, err := d.release(ctx, week48)
	fatal(t, err)
	d.finish(e.ID)
	for i := range 2 {
		runCtx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- d.Run(runCtx) }()
		d.until("nothing is left to tell", func() bool {
			left, err := d.db.Notices().Pending(ctx)
			fatal(t, err)
			return len(left) == 0
		})
		cancel()
		fatal(t, <-done)
		got := d.notices()
		if want := 1 - i; len(got) != want || want == 1 && got[0] != "report" {
			t.Errorf("process %d: got notices %v, want one report in all", i+1, got)
		}
	}
}

// finish ends a send as a sender does, but tells nobody.
func (d *desk) finish(id int64) {
	d.t.Helper()
	ctx := d.t.Context()
	sender, err := d.db.Leases().Acquire(ctx, delivery.Lease{Edition: id, Host: "h", Until: d.now.Add(time.Minute)}, false, d.now)
	fatal(d.t, err)
	queue, _, err := d.db.Deliveries().Recover(ctx, sender, d.now)
	fatal(d.t, err)
	claims, err := queue.Claim(ctx, delivery.Claim{Limit: 10, At: d.now})
	fatal(d.t, err)
	g := delivery.Group{At: d.now, LeaseUntil: d.now.Add(time.Minute)}
	for _, r := range claims.Recipients {
		g.Outcomes = append(g.Outcomes, delivery.Outcome{ID: r.ID, State: delivery.Failed, Attempt: true, Reply: "550 5.1.1 no"})
	}
	_, err = queue.Record(ctx, &g)
	fatal(d.t, err)
	if finished, err := queue.Finish(ctx, d.now); err != nil || !finished {
		d.t.Fatalf("got %v, %v, want the end", finished, err)
	}
	fatal(d.t, d.db.Leases().Release(ctx, sender))
}

// The report says why readers did not get it, in the server's words and without
// addresses.
func TestReportSaysWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t, smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: "550 5.1.1 <grace@example.com>: no such user", To: "grace@example.com"})
	ctx := t.Context()
	d.readers("ada@example.com", "grace@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	fatal(t, err)
	event, ok, err := d.db.Outbox().Take(ctx, d.now.Add(time.Hour))
	fatal(t, err)
	if !ok {
		t.Fatal("got no event, want the report")
	}
	payload, err := event.Payload()
	fatal(t, err)
	report, ok := payload.(outbox.Report)
	if !ok || len(report.Failures) != 1 || !strings.Contains(report.Failures[0], "550 5.1.1 <address> no such user") {
		t.Errorf("got %+v, want the server's words without the address", payload)
	}
}
