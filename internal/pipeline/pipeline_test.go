package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/mail"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/render/rendertest"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// A desk is a pipeline over a real database, real templates and a real SMTP
// dialogue, with a clock and a library of its own.
type desk struct {
	*pipeline.Pipeline
	t    *testing.T
	in   pipeline.Parts
	db   *sqlite.DB
	sink *smtpsink.Sink
	now  time.Time
	lib  comparison.Library
}

// Monday 9:00 UTC is the slot; the desk begins on the Friday before.
var (
	friday = time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	week48 = edition.Week{Year: 2026, Number: 48}
)

func newDesk(t *testing.T, faults ...smtpsink.Fault) *desk {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	d := &desk{t: t, db: db, sink: sink, now: friday}
	d.in = d.parts(dir)
	d.Pipeline = pipeline.New(d.in)
	d.add("quill-vs-inkwell", "Quill", "Inkwell", "2026-11-18")
	return d
}

// set makes the pipeline anew with other settings.
func (d *desk) set(change func(*pipeline.Settings)) {
	change(&d.in.Settings)
	d.Pipeline = pipeline.New(d.in)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (d *desk) parts(dir string) pipeline.Parts {
	site := render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://digest.example.com", PostalAddress: "1 Example Street"}
	cron := must(schedule.ParseCron("0 9 * * MON"))
	draft := must(schedule.ParseCron("0 12 * * FRI"))
	log := slog.New(slog.DiscardHandler)
	dialer := must(mailer.New(mailer.Config{Host: "127.0.0.1", Port: d.sink.Port(), TLS: mailer.NoTLS, From: "verdicts@example.com"}, log))
	return pipeline.Parts{
		Settings: pipeline.Settings{
			Site:     site,
			Headers:  pipeline.Headers{From: mail.Address{Name: site.Name, Address: "verdicts@example.com"}},
			Calendar: must(schedule.New(draft, cron, time.UTC, 36*time.Hour)).Calendar(),
			Options:  edition.Options{Max: 5, Min: 1},
		},
		Library:  func() (comparison.Library, error) { return d.lib, nil },
		Renderer: must(render.New(rendertest.Templates(), site)),
		Archive:  d.db.Editions(), Freezer: d.db.Deliveries(), Notices: d.db.Outbox(), Editors: func() []string { return []string{"editor@example.com"} },
		Readers: subscribers.New(d.db.Subscribers(), d.db.SignUps(), subscribers.Options{}), CatchUp: 36 * time.Hour,
		Tagger: must(message.NewTagger(must(d.db.Secret(d.t.Context())))),
		Signer: must(message.NewSigner(time.Now)),
		Now:    func() time.Time { return d.now },
		Log:    log,
		Transport: pipeline.Transport{
			Ledger: delivery.Ledger{
				Store: d.db.Deliveries(), Leases: d.db.Leases(),
				Journals: must(journal.OpenFolder(filepath.Join(dir, "journal"))),
			},
			Notices: d.db.Notices(), Dialer: dialer, Single: dialer,
			Pacing: delivery.Pacing{Connections: 2, GiveUp: time.Minute},
		},
	}
}

func (d *desk) add(slug, one, two, published string) {
	yes, no, all := 1, 0, 100
	tool := func(name string) comparison.Tool {
		score := 80
		return comparison.Tool{
			Name: name, Tagline: "Does one thing", Category: "Writing", Entry: "Free",
			Panel:   &comparison.Panel{Ship: &yes, Skip: &no, Percent: &all},
			Reviews: []comparison.Review{{Reviewer: comparison.Builder, Score: &score, Verdict: comparison.Ship, Take: "It does what it says."}},
		}
	}
	d.lib.Comparisons = append(d.lib.Comparisons, comparison.Comparison{
		Slug: slug, Published: must(comparison.ParsePublished(published)), Tools: [2]comparison.Tool{tool(one), tool(two)},
	})
}

func (d *desk) readers(emails ...string) {
	d.t.Helper()
	list := subscribers.New(d.db.Subscribers(), d.db.SignUps(), subscribers.Options{})
	for _, e := range emails {
		if _, err := list.Add(d.t.Context(), subscribers.NewReader{Email: e}); err != nil {
			d.t.Fatal(err)
		}
	}
}

// settled is the settlement of a slot that nobody has claimed.
func settled(context.Context) error { return nil }

// Build records the edition of a week as of now.
func (d *desk) Build(ctx context.Context, w edition.Week) (edition.Edition, pipeline.Draft, error) {
	draft, err := d.Draft(ctx, w)
	if err != nil {
		return edition.Edition{}, draft, err
	}
	e, err := d.Keep(ctx, draft)
	return e, draft, err
}

// release looks at a week and releases it, as a send does.
func (d *desk) release(ctx context.Context, w edition.Week) (edition.Edition, delivery.Frozen, error) {
	l, err := d.Look(ctx, w)
	if err != nil {
		return l.Edition, delivery.Frozen{}, err
	}
	return d.Release(ctx, l)
}

// notices takes the editors' mails that wait and gives their kinds.
func (d *desk) notices() []string {
	d.t.Helper()
	var kinds []string
	for {
		m, ok, err := d.db.Outbox().Take(d.t.Context(), d.now.Add(time.Hour))
		if err != nil {
			d.t.Fatal(err)
		}
		if !ok {
			return kinds
		}
		kinds = append(kinds, string(m.Kind))
		if err := d.db.Outbox().Finish(d.t.Context(), m, d.now); err != nil {
			d.t.Fatal(err)
		}
	}
}

// approve approves the build with this hash.
func (d *desk) approve(hash string) {
	d.t.Helper()
	_, err := d.db.Editions().Change(d.t.Context(), week48, func(e edition.Edition) (edition.Edition, error) { return e.Approve(hash, "ada") })
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) state() edition.State {
	d.t.Helper()
	e, err := d.db.Editions().Find(d.t.Context(), week48)
	if err != nil {
		d.t.Fatal(err)
	}
	return e.State
}

// wantDraftTold looks at what waits for the editors without taking it: the draft
// itself, filled in, its hash, the warnings and how many readers.
func (d *desk) wantDraftTold(readers int) {
	d.t.Helper()
	e, ok, err := d.db.Outbox().Take(d.t.Context(), d.now)
	if !ok || err != nil {
		d.t.Fatalf("got %v, %v, want the draft's event", ok, err)
	}
	if err := d.db.Outbox().PutBack(d.t.Context(), e.ID, d.now, ""); err != nil {
		d.t.Fatal(err)
	}
	p, ok := must(e.Payload()).(outbox.DraftReady)
	if !ok {
		d.t.Fatalf("got a %s event, want the draft's", e.Kind)
	}
	ed := must(d.db.Editions().Find(d.t.Context(), week48))
	if p.Readers != readers || p.Hash != ed.Hash || p.Hash == "" || p.Preheader == "" {
		d.t.Errorf("got %d readers, hash %q, preview line %q, want %d, %q and a line", p.Readers, p.Hash, p.Preheader, readers, ed.Hash)
	}
	for _, part := range []string{p.HTML, p.Text} {
		if !strings.Contains(part, "Quill") || strings.Contains(part, mergefield.Prefix) {
			d.t.Errorf("got a draft without its comparison or with merge fields: %.200s", part)
		}
	}
	var warned int
	for _, f := range must(d.Draft(d.t.Context(), week48)).Findings {
		if f.Level == check.Warn {
			warned++
		}
	}
	if warned == 0 || len(p.Warnings) != warned {
		d.t.Errorf("got %d warnings, want all %d of the checks", len(p.Warnings), warned)
	}
}

func TestAWeekBySchedule(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com", "grace@example.com")
	if err := d.DraftDue(ctx, week48, friday, settled); err != nil {
		t.Fatal(err)
	}
	d.wantDraftTold(2)
	if got := d.notices(); len(got) != 1 || got[0] != "draft_ready" {
		t.Errorf("got notices %v, want the draft's", got)
	}
	d.now = monday.Add(20 * time.Second)
	for range 2 { // a cron that fires twice
		if err := d.SendDue(ctx, week48, monday, settled); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !sum.Finished || sum.Counts[delivery.Accepted] != 2 || d.sink.Count() != 2 {
		t.Errorf("got %v and %d messages, want 2 accepted and 2 messages", sum.Counts, d.sink.Count())
	}
	if got := d.notices(); len(got) != 1 || got[0] != "report" {
		t.Errorf("got notices %v, want the report", got)
	}
	for _, m := range d.sink.Messages() {
		if !strings.Contains(string(m.Data), "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") {
			t.Error("got a digest without one-click unsubscription")
		}
	}
	if _, _, err := d.release(ctx, week48); !errors.Is(err, edition.ErrSent) {
		t.Errorf("got %v for a second release, want ErrSent", err)
	}
}

// A sender that is not the one that was frozen pauses the send, with what to set
// back; with that it goes on.
func TestAnotherSenderPauses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	d.set(func(s *pipeline.Settings) { s.Headers.ReplyTo = mail.Address{Address: "other@example.com"} })
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	if want := "Reply-To is none in the frozen mail and <other@example.com> in the settings"; !errors.Is(err, delivery.ErrPaused) || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want a pause for %q", err, want)
	}
	if got := d.notices(); d.sink.Count() != 0 || len(got) != 1 || got[0] != "held" {
		t.Errorf("got %d messages and notices %v, want none sent and the editors told", d.sink.Count(), got)
	}
	d.set(func(s *pipeline.Settings) { s.Headers.ReplyTo = mail.Address{} })
	must(d.db.Editions().Change(ctx, week48, edition.Edition.Resume))
	if sum, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{}); err != nil || !sum.Finished {
		t.Errorf("set back: got %v, %v, want it sent", sum.Counts, err)
	}
}

func TestWhatKeepsAnEditionBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		if _, _, err := d.release(ctx, week48); !errors.Is(err, delivery.ErrNobody) {
			t.Errorf("got %v, want ErrNobody", err)
		}
	})
	t.Run("nothing new", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.lib.Comparisons = nil
		d.readers("ada@example.com")
		if _, _, err := d.release(ctx, week48); !errors.Is(err, edition.ErrNothing) || d.state() != edition.Skipped {
			t.Errorf("got %v and %s, want ErrNothing and skipped", err, d.state())
		}
	})
	t.Run("a week of another year", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.readers("ada@example.com")
		_, _, err := d.release(ctx, edition.Week{Year: 2030, Number: 1})
		if !errors.Is(err, pipeline.ErrEarly) || !strings.Contains(err.Error(), "2026-W47") {
			t.Errorf("got %v, want ErrEarly and this week's name", err)
		}
		if list := must(d.db.Editions().List(ctx)); len(list) != 0 {
			t.Errorf("got %d editions recorded, want none", len(list))
		}
	})
	t.Run("a failed check", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.readers("ada@example.com")
		d.set(func(s *pipeline.Settings) { s.DKIMDomain = "unrelated.example.org" }) // DMARC would fail
		_, _, err := d.release(ctx, week48)
		if !errors.Is(err, pipeline.ErrChecks) || !strings.Contains(err.Error(), "headers.from") {
			t.Errorf("got %v, want the failed check by name", err)
		}
	})
	t.Run("missed", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		d.now = monday.Add(48 * time.Hour)
		if err := d.Missed(ctx, []schedule.Slot{{Kind: schedule.Send, Week: week48, At: monday}}, settled); err != nil || d.state() != edition.Missed {
			t.Errorf("got %v and %s, want missed", err, d.state())
		}
		if got := d.notices(); len(got) != 1 || got[0] != "missed" {
			t.Errorf("got notices %v, want one", got)
		}
	})
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A test send goes to one address, with links that do nothing, and leaves no
// trace.
func TestTestSend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Test(t.Context(), week48, "me@example.org"); err != nil {
		t.Fatal(err)
	}
	got := d.sink.Messages()
	if len(got) != 1 || got[0].To != "me@example.org" {
		t.Fatalf("got %d messages, want one to me@example.org", len(got))
	}
	msg := must(mail.ReadMessage(strings.NewReader(string(got[0].Data))))
	subject := must(new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")))
	if !strings.HasPrefix(subject, "[Test] ") {
		t.Errorf("got subject %q, want it marked as a test", subject)
	}
	if list := must(d.db.Editions().List(t.Context())); len(list) != 0 {
		t.Errorf("got %d editions recorded, want none", len(list))
	}
}

// until waits for what another goroutine does.
func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("waited in vain: %s", what)
		}
	}
}
