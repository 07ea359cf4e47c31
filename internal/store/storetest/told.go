package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
)

// A Told is a database whose process can die at any statement.
type Told struct {
	Archive pipeline.Archive
	Outbox  interface {
		pipeline.Noticeboard
		Take(ctx context.Context, now time.Time) (outbox.Event, bool, error)
		Finish(ctx context.Context, e outbox.Event, at time.Time) error
	}
	Ledger schedule.Ledger
	// Cut has the process die before its nth statement from now on; reached reports
	// whether it came so far.
	Cut func(n int) (ctx context.Context, reached func() bool)
	// Again gives what a process that is started after it finds, an hour later.
	Again func(t *testing.T) Told
}

// A duty is what the clock asks of a week.
type duty struct {
	kind   schedule.Kind
	broken bool // there is nothing but what cannot be read
	held   bool // an editor holds the edition
	missed bool
	want   outbox.Kind
	failed error // what the call fails with, each time
	n      int   // of the cut, each in a week of its own
	later  bool  // something was added to the library since
}

func duties() map[string]duty {
	return map[string]duty{
		"Draft":         {kind: schedule.Draft, want: outbox.KindDraftReady},
		"HeldAtTheSlot": {kind: schedule.Send, held: true, want: outbox.KindHeld, failed: edition.ErrNotApproved},
		"NothingToSend": {kind: schedule.Send, broken: true, want: outbox.KindHeld},
		"Missed":        {kind: schedule.Send, missed: true, want: outbox.KindMissed},
	}
}

// RunTold cuts what the clock asks for before every statement. Whatever was cut
// off, the next process settles the slot, and the editors have one mail.
func RunTold(t *testing.T, open func(t *testing.T) Told) {
	for name, d := range duties() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, more := open(t), true
			for d.n = 1; more; d.n++ {
				d.prepare(t, db)
				ctx, reached := db.Cut(d.n)
				_ = d.call(ctx, db, "a", d.at()) // a process that dies gives no answer
				more = reached()
				db = db.Again(t)
				d.wantOnce(t, db)
			}
			if d.n < 8 {
				t.Errorf("got %d cuts, want each statement cut", d.n)
			}
		})
	}
}

func (d duty) week() edition.Week { return week(d.n) }
func (d duty) at() time.Time      { return monday().AddDate(0, 0, 7*d.n) }
func (d duty) slot() schedule.Slot {
	return schedule.Slot{Kind: d.kind, Week: d.week(), At: d.at()}
}

func (d duty) pipeline(db Told) (*pipeline.Pipeline, error) {
	site := render.Site{Name: "Digest", BaseURL: "https://digest.example.com", PostalAddress: "1 Example Street"}
	signer, err := message.NewSigner(d.at)
	if err != nil {
		return nil, err
	}
	return pipeline.New(pipeline.Parts{
		Settings: pipeline.Settings{
			Site: site, Headers: pipeline.Headers{From: mail.Address{Address: "digest@example.com"}},
			Calendar: edition.Calendar{Zone: time.UTC, SlotIn: func(w edition.Week) (time.Time, bool) { return w.Monday(time.UTC).Add(9 * time.Hour), true }},
			Options:  edition.Options{Max: 5, Min: 1},
		},
		Library: d.library, Renderer: plain{}, Signer: signer,
		Archive: db.Archive, Notices: db.Outbox, Editors: func() []string { return []string{"editor@example.com"} }, CatchUp: time.Hour,
		Now: d.at, Log: slog.New(slog.DiscardHandler),
	}), nil
}

func (d duty) library() (comparison.Library, error) {
	if d.broken {
		lib := comparison.Library{Problems: []comparison.Problem{{File: "a-vs-b.yaml", Line: 3, Message: "tools: got 1, want 2"}}}
		if d.later {
			lib.Problems = append(lib.Problems, comparison.Problem{File: "c-vs-d.yaml", Line: 1, Message: "tools: missing"})
		}
		return lib, nil
	}
	published, err := comparison.ParsePublished(d.at().AddDate(0, 0, -3).Format(time.DateOnly))
	tool := func(name string) comparison.Tool {
		return comparison.Tool{Name: name, Tagline: "Does one thing", Category: "Writing", Entry: "Free"}
	}
	lib := comparison.Library{Comparisons: []comparison.Comparison{{Slug: fmt.Sprint("a-vs-b-", d.n), Published: published, Tools: [2]comparison.Tool{tool(fmt.Sprint("A", d.n)), tool("B")}}}}
	if d.later {
		lib.Comparisons = append(lib.Comparisons, comparison.Comparison{Slug: fmt.Sprint("c-vs-d-", d.n), Published: published, Tools: [2]comparison.Tool{tool(fmt.Sprint("C", d.n)), tool("D")}})
	}
	return lib, err
}

func (d duty) prepare(t *testing.T, db Told) {
	t.Helper()
	if !d.held {
		return
	}
	_, _, err := db.Archive.Insert(t.Context(), draftOf(d.week()))
	if err == nil {
		_, err = db.Archive.Change(t.Context(), d.week(), edition.Edition.Hold)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// call does what the scheduler does with a slot that is due.
func (d duty) call(ctx context.Context, db Told, owner string, at time.Time) error {
	p, err := d.pipeline(db)
	if err != nil {
		return err
	}
	s, outcome := d.slot(), schedule.Done
	if d.missed {
		outcome = schedule.TooLate
	}
	claim, err := db.Ledger.Claim(ctx, s, owner, at, at.Add(time.Minute))
	if err != nil || claim != schedule.Won {
		return err
	}
	settle := func(ctx context.Context) error { return db.Ledger.Settle(ctx, s, owner, outcome, at) }
	switch {
	case d.missed:
		err = p.Missed(ctx, []schedule.Slot{s}, settle)
	case d.kind == schedule.Draft:
		err = p.DraftDue(ctx, s.Week, s.At, settle)
	default:
		err = p.SendDue(ctx, s.Week, s.At, settle)
	}
	if err != nil {
		return errors.Join(err, db.Ledger.Release(ctx, s, owner))
	}
	return settle(ctx)
}

// wantOnce is what another process makes of it, twice: what was told and settled
// is not told again of what has changed since.
func (d duty) wantOnce(t *testing.T, db Told) {
	t.Helper()
	d.later = true
	for range 2 {
		if err := d.call(t.Context(), db, "b", d.at().Add(time.Hour)); !errors.Is(err, d.failed) || d.failed == nil && err != nil {
			t.Fatalf("cut at statement %d: the next process: got %v, want %v", d.n, err, d.failed)
		}
	}
	var told []outbox.Kind
	for {
		e, ok, err := db.Outbox.Take(t.Context(), d.at().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		told = append(told, e.Kind)
		if err := db.Outbox.Finish(t.Context(), e, d.at().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(told, []outbox.Kind{d.want}) {
		t.Errorf("cut at statement %d: got mails %v, want one %s", d.n, told, d.want)
	}
	if d.failed != nil {
		return
	}
	if claim, err := db.Ledger.Claim(t.Context(), d.slot(), "c", d.at(), d.at().Add(time.Minute)); err != nil || claim != schedule.Settled {
		t.Errorf("cut at statement %d: got claim %d, %v, want the slot settled", d.n, claim, err)
	}
}

// plain renders next to nothing: what is kept and told is tested, not how it looks.
type plain struct{}

func (plain) Digest(in render.DigestInput) (render.Rendered, error) {
	return render.Rendered{Subject: in.Subject, Preheader: in.Preheader, HTML: "<p>" + in.Subject + "</p>", Text: in.Subject}, nil
}

func (plain) Cuts([]render.DigestInput) ([]render.Rendered, error) { return nil, nil }

func (plain) Mail(string, any) (render.Rendered, error) { return render.Rendered{}, nil }

func (plain) Traced(render.DigestInput) (string, error) { return "", nil }
