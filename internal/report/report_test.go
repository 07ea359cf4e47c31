package report_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/attest"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/report"
	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/subscribers"
)

func instant() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func counts() delivery.Counts {
	return delivery.Counts{delivery.Accepted: 5, delivery.Failed: 1, delivery.Unknown: 2, delivery.Queued: 3}
}

// What people read of each thing.
func TestTexts(t *testing.T) {
	t.Parallel()
	week := edition.Week{Year: 2026, Number: 48}
	paused := edition.Edition{
		Week: week, State: edition.Sending, Slot: instant(), Since: instant().AddDate(0, 0, -7), Cutoff: instant(), Subject: "Pens",
		Hash: "0123456789abcdef99", ApprovedHash: "0123456789abcdef99", ApprovedBy: "ada", PauseReason: "553 no",
		Items: []edition.Item{{Slug: "a-vs-b", Tools: [2]string{"A", "B"}}}, Carried: []edition.Item{{Slug: "c-vs-d"}},
	}
	for name, c := range map[string]struct {
		write func(io.Writer)
		want  string
	}{
		"edition": {func(w io.Writer) { report.Edition(w, paused, time.UTC) }, "week      2026-W48\nstate     sending\npaused    553 no\n" +
			"slot      2026-11-23 09:00 UTC\ncontent   after 2026-11-16 09:00 UTC, up to 2026-11-23 09:00 UTC\n" +
			"subject   Pens\nhash      0123456789abcdef (approved by ada)\n 1        a-vs-b\ncarried   c-vs-d\n"},
		"edits": {func(w io.Writer) {
			report.Edits(w, edition.Edits{Order: []string{"a-vs-b", "c-vs-d"}, Note: "N", Quotes: map[string][2]string{"a-vs-b": {"", "fast"}}})
		}, "order      a-vs-b, c-vs-d\nnote       N\nquote      a-vs-b:2=fast\n"},
		"status of a first part": {func(w io.Writer) {
			row, until := api.NewStatus(paused, delivery.Counts{}), instant()
			row.Paused = ""
			row.Canary = api.NewCanary(delivery.CanaryStand{IDs: []int64{1, 2}}, instant())
			_ = report.Status(w, row)
			row.Canary = api.NewCanary(delivery.CanaryStand{IDs: []int64{1, 2}, Until: until}, until.Add(-time.Hour))
			_ = report.Status(w, row)
			row.Canary = api.NewCanary(delivery.CanaryStand{IDs: []int64{1, 2}, Until: until}, until)
			_ = report.Status(w, row)
		}, "2026-W48  sending  Pens\na first part of 2 readers gets it before the others\n" +
			"2026-W48  sending  Pens\na first part of 2 readers has it; the others' turn comes at 2026-11-23T09:00:00Z, or with 'digest send --week 2026-W48 --now'\n2026-W48  sending  Pens\n"},
		"status with refusals": {func(w io.Writer) {
			row := api.NewStatus(paused, counts())
			row.Refusals = api.Refusals([]delivery.Refusal{{State: delivery.Failed, Fault: delivery.SenderFault, Count: 2, Reply: "550 5.7.30 DKIM does not pass"},
				{State: delivery.Unknown, Count: 2}})
			_ = report.Status(w, row)
		}, "2026-W48  sending  Pens\npaused: 553 no\n        'digest resume 2026-W48' goes on\naccepted           5\nfailed             1\nunknown            2\nsuppressed         0\ndeferred           0\nsending            0\nqueued             3\ntotal             11\n" +
			"\n2 failed (sender): 550 5.7.30 DKIM does not pass\n        Gmail: DKIM did not pass: there is no signature, or it does not verify\n        publish the DKIM key that signs (digest dkim generate), and see that the relay changes no signed header\n        'digest doctor' checks: dkim\n\n2 unknown: no answer came\n"},
		"status with relays": {func(w io.Writer) {
			row, until := api.NewStatus(paused, counts()), instant()
			row.Paused = ""
			row.Relays = api.Relays([]delivery.RelayCounts{
				{Counts: delivery.Counts{delivery.Accepted: 1, delivery.Queued: 3}}, {Relay: "own", Counts: delivery.Counts{delivery.Accepted: 4, delivery.Unknown: 2}},
				{Relay: "unused", Counts: delivery.Counts{delivery.Suppressed: 1}},
			}, []delivery.RelayStand{{Node: "n1", Relay: "own", Open: 3, May: 5, Most: 64}, {Node: "n2", Relay: "own", Open: 8, May: 8, Most: 8}, {Relay: "provider", RestsUntil: until, Reason: "535 no"}})
			_ = report.Status(w, row)
			row.Relays = row.Relays[:1] // one relay, of which there is nothing to tell
			_ = report.Status(io.Discard, row)
		}, "2026-W48  sending  Pens\naccepted           5\nfailed             1\nunknown            2\nsuppressed         0\ndeferred           0\nsending            0\nqueued             3\ntotal             11\n\n" +
			"RELAY                          ACCEPTED  FAILED  DEFERRED  UNKNOWN  CONNECTIONS NOW\n" +
			"a relay that was not recorded  1         0       0         0        \n" +
			"own                            4         0       0         2        n1 3 of 5 (at most 64); n2 8 of 8\n" +
			"provider                       0         0       0         0        asked again at 09:00:00: 535 no\n"},
		"no edits": {func(w io.Writer) { report.Edits(w, edition.Edits{}) }, ""},
		"explanation": {func(w io.Writer) {
			report.Explanation(w, nil, []comparison.Problem{{File: "a.yaml", Line: 3, Message: "is missing"}, {File: "a.yaml", Line: 4, Message: "is long"}}, []api.Audience{{Slugs: []string{"a", "b"}, Readers: 3}, {Slugs: []string{"b"}, Readers: 1}, {Slugs: []string{}, Readers: 2}})
		}, "out  a.yaml\n       cannot be read:\n       3: is missing\n       4: is long\n" +
			"topics   3 readers: a, b\ntopics   1 reader: b\ntopics   2 readers: nothing of their topics, no mail\n"},
		"findings": {func(w io.Writer) {
			report.Findings(w, []check.Finding{{Check: "size", Level: check.Pass, Detail: "small"}, {Check: "links", Level: check.Fail, Detail: "dead", Fix: "replace it"}})
		}, "fail  links                    dead → replace it\npass  size                     small\n2 checks: 1 fail, 0 warn, 1 pass\n"},
		"concerns": {func(w io.Writer) {
			report.Concerns(w, []check.Finding{{Check: "size", Level: check.Pass}, {Check: "links", Level: check.Fail, Detail: "dead"}})
		}, "fail  links: dead\n1 checks passed, 0 warnings\n1 check failed: the edition is not sent until that is fixed\n"},
		"checkup": {func(w io.Writer) {
			report.Checkup(w, []doctor.Finding{{Check: "spf", Level: doctor.Warn, Detail: "none", Fix: "add one"}})
		}, "warn     spf             none\n                         → add one\n1 checks: 0 fail, 1 warn, 0 skipped, 0 pass\n"},
		"outlook": {func(w io.Writer) {
			o := api.Outlook{Week: "2026-W48", State: "draft", Slot: instant(), Subject: "Pens", Readers: 7, From: "f", Relay: "r", HTMLBytes: 9, Failures: []string{"x"}, Warnings: []string{"y"}}
			report.Outlook(w, o, paused.Items, instant().Add(-3*time.Hour))
		}, "edition  2026-W48, draft, slot Monday 23 November 09:00 UTC (in 3 hours)\nsubject  Pens\n   1     A vs B\n" +
			"readers  7\nfrom     f\nthrough  r\nsize     9 bytes of HTML\nfail     x\nwarning  y\n"},
		"summary": {func(w io.Writer) {
			report.Summary(w, "2026-W48", delivery.Summary{Counts: counts(), Took: time.Second, Recovered: delivery.Recovered{Unknown: 2}})
		}, "taken over from a sender that was cut short: 0 queued again, 2 unknown\n" +
			"2026-W48: 5 of 11 accepted, 1 failed, 0 deferred, 2 unknown, 0 suppressed in 1s\n" +
			"the server's answer to 2 messages was lost: 'digest status --week 2026-W48 --unknown' lists them, 'digest settle FILE' settles those that the relay's log knows, 'digest resolve' the rest\n"},
		"next":             {func(w io.Writer) { report.Next(w, "2026-W48", delivery.Summary{Counts: counts()}) }, "3 readers still to be mailed: 'digest send --week 2026-W48' goes on\n"},
		"next after --now": {func(w io.Writer) { report.Next(w, "2026-W48", delivery.Summary{Counts: counts(), WaitOver: true}) }, "the wait after the first part is over: the sender at work goes on with the others; 'digest status --week 2026-W48 --watch' follows it\n"},
		"nothing next":     {func(w io.Writer) { report.Next(w, "2026-W48", delivery.Summary{}) }, ""},
		"proof": {func(w io.Writer) {
			report.Proof(w, delivery.Proof{Info: delivery.SendInfo{Week: "2026-W48", Recipients: 11}, Counts: counts(), Unknown: []delivery.Delivery{{Email: "a@b.example", At: instant()}}},
				[]attest.Version{{Number: 1, Accepted: 5, Unknown: 2}, {Number: 2, Compares: []string{"a-vs-b"}, Failed: 1, Open: 3}})
		}, "11 recipients = 5 accepted + 1 failed + 0 deferred + 2 unknown + 0 suppressed + 3 still to send\n" +
			"version 1: 5 accepted + 0 failed + 0 deferred + 2 unknown + 0 suppressed + 0 still to send\n" +
			"version 2: 0 accepted + 1 failed + 0 deferred + 0 unknown + 0 suppressed + 3 still to send\n  for the readers of some topics: a-vs-b\n0 accepted twice\n" +
			"unknown: a@b.example since 2026-11-23T09:00:00Z\nand 1 more: 'digest status --week 2026-W48 --unknown' lists them\nthe proof holds\n"},
		"proof over nodes": {func(w io.Writer) {
			info := delivery.SendInfo{Week: "2026-W48", Recipients: 11, Journals: []delivery.NodeJournal{{Node: "mail1", Seq: 4}}}
			report.Proof(w, delivery.Proof{Info: info, Counts: counts(), Unknown: []delivery.Delivery{{Email: "a@b.example", At: instant(), Node: "mail1"}, {Email: "c@b.example", At: instant(), Node: "mail2"}}}, nil)
		}, "11 recipients = 5 accepted + 1 failed + 0 deferred + 2 unknown + 0 suppressed + 3 still to send\n0 accepted twice\n" +
			"unknown: a@b.example since 2026-11-23T09:00:00Z, by node mail1\nunknown: c@b.example since 2026-11-23T09:00:00Z, by node mail2\njournal of node mail1: 4 records\nthe proof holds\n"},
		"attested": {func(w io.Writer) {
			report.Attested(w, attest.Statement{Week: "2026-W48", List: "l", State: "sent", At: instant(), Program: "digest 1", Journal: "j", Problems: []string{"p"}}, "key")
		}, "2026-W48 of l, sent on 2026-11-23T09:00:00Z by digest 1\n0 recipients, 0 accepted twice\njournal j\ndoes not hold: p\nsigned by key: compare it with the list's own key\n"},
		"import": {func(w io.Writer) {
			r := subscribers.ImportReport{Added: 1, Batch: 4, Ignored: []string{"x"}, Standings: map[subscribers.Standing]int{subscribers.StandsPending: 1}}
			report.Import(w, r)
		}, "1 reader added, 0 updated, 0 unchanged, 0 lines rejected\nthe file has 1 pending\ncolumn \"x\" is not used\nuntil the next send, 'digest subscribers import --undo 4' takes it back\n"},
		"a dry import": {func(w io.Writer) { report.Import(w, subscribers.ImportReport{Added: 2}) }, "2 readers would be added, 0 updated, 0 unchanged, 0 lines rejected\n"},
		"faults": {func(w io.Writer) {
			report.Faults(w, subscribers.ImportReport{MoreNotes: 2, Warnings: []string{"no names"}})
		}, "and 2 more notes like these\nwarning: no names\n"},
		"returned": {func(w io.Writer) {
			report.Returned(w, api.Returned{Counts: []api.ReturnedCount{{Mails: 3, Kind: "bounce", Outcome: "recorded"}}})
		}, "      3  bounce      recorded\n"},
		"inbound": {func(w io.Writer) {
			report.Inbound(w, inbound.Report{Kind: inbound.KindBounce, Recipients: []inbound.Recipient{{Email: "a@b.example", Class: subscribers.BounceHard, Status: "5.1.1", Reason: "no such mailbox", Reply: "550"}}})
		}, "bounce\n  a@b.example  hard 5.1.1: no such mailbox\n      550\n"},
	} {
		var b bytes.Buffer
		c.write(&b)
		if got := b.String(); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, c.want)
		}
	}
}

func TestTaken(t *testing.T) {
	t.Parallel()
	bounce := inbound.Report{Kind: inbound.KindBounce}
	for _, c := range []struct {
		taken inbound.Taken
		want  string
	}{
		{inbound.Taken{Report: bounce, Outcome: inbound.OutcomeForeign}, "none of ours; nothing was done"},
		{inbound.Taken{Report: bounce, Outcome: inbound.OutcomeKept, Why: "no tag"}, "bounce: no tag; it is kept ('digest inbound list')"},
		{inbound.Taken{Report: bounce, Week: "2026-W48", Outcome: inbound.OutcomeAgain}, "bounce of 2026-W48: it came before"},
		{inbound.Taken{Report: bounce, Week: "2026-W48", Outcome: inbound.OutcomeSuppressed, Effect: inbound.Effect{Suppressed: subscribers.HardBounce}}, "bounce of 2026-W48: the reader gets no more mail: " + subscribers.HardBounce.String()},
		{inbound.Taken{Report: bounce, Week: "2026-W48", Outcome: inbound.OutcomeRecorded, Effect: inbound.Effect{Settled: true}}, "bounce of 2026-W48: recorded; the delivery's outcome was unknown and is accepted now"},
		{inbound.Taken{Report: inbound.Report{Kind: inbound.KindDMARC}, Outcome: inbound.OutcomeRecorded}, "dmarc: recorded"},
	} {
		if got := report.Taken(c.taken); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestCounted(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		spelling.Count(1, "reader"): "1 reader", spelling.Count(int64(0), "reader"): "0 readers",
		report.Deliveries(1): "1 delivery", report.Deliveries(2): "2 deliveries",
		report.Distance(50 * time.Hour): "in 2 days", report.Distance(-90 * time.Minute): "1 hour ago",
		report.Distance(time.Minute): "in 1 minute", report.Distance(0): "less than a minute ago",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
