package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

const sendLong = `Send a week's edition to everyone on the list, and end when every delivery is
final or waits for a retry. An edition that is being sent goes on where it was cut
short, with the same bytes: nobody gets it twice.

  --dry-run   says what would be sent to how many, and sends nothing
  --to EMAIL  sends a test to one address, with links that do nothing; it touches
              no record

Exit codes: 3 when some failed, are deferred or unknown; 4 nothing to send; 5 not
approved; 6 a check failed; 7 another sender is at work; 75 the mail server cannot
be reached: run it again later.`

type sendFlags struct {
	week, to string
	dry      bool
	limit    int64
}

func newSendCmd(a *app) *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:     "send",
		Short:   "Send the edition",
		Long:    sendLong,
		Example: "  digest send --to me@example.org\n  digest send --dry-run\n  digest send --week 2026-W47 --yes",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.week(f.week)
			if err != nil {
				return err
			}
			switch {
			case f.to != "" && (f.dry || f.limit != 0):
				return usage("digest send: --to does not go with --dry-run or --limit")
			case f.limit < 0:
				return usage("digest send: --limit %d is below 0", f.limit)
			case f.to != "":
				return a.sendTest(cmd.Context(), w, f.to)
			case f.dry:
				return a.sendDry(cmd.Context(), w)
			}
			return a.send(cmd.Context(), w, f.limit)
		},
	}
	weekFlag(cmd, &f.week)
	cmd.Flags().StringVar(&f.to, "to", "", "send a test to this `EMAIL` only")
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "say what would be sent, and send nothing")
	cmd.Flags().Int64Var(&f.limit, "limit", 0, "send at most `N` messages now; run again for more")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) sendTest(ctx context.Context, w edition.Week, to string) error {
	p, err := a.previewPipeline(ctx)
	if err != nil {
		return err
	}
	if p.Transport, err = a.transport(ctx, nil); err != nil {
		return err
	}
	if err := a.confirm(ctx, fmt.Sprintf("send a test of %s to %s?", w, to)); err != nil {
		return err
	}
	d, err := p.Test(ctx, w, to)
	if err != nil {
		return err
	}
	a.say("test of %s sent to %s: %s", w, to, d.Rendered.Subject)
	return nil
}

// A dryRun is send --dry-run --json.
type dryRun struct {
	Week      string   `json:"week"`
	Subject   string   `json:"subject"`
	Readers   int      `json:"readers"`
	HTMLBytes int      `json:"html_bytes"`
	Featured  []string `json:"featured"` // slugs
}

func (a *app) sendDry(ctx context.Context, w edition.Week) error {
	p, err := a.pipeline(ctx)
	if err != nil {
		return err
	}
	d, err := p.Draft(ctx, w)
	if err != nil {
		return err
	}
	a.warnProblems(d.Problems)
	if d.Selection.Nothing() {
		return withCode(exitNothing, nothingNew(w, d))
	}
	counts, err := a.db.Subscribers().Count(ctx)
	if err != nil {
		return err
	}
	if a.json {
		row := dryRun{Week: w.String(), Subject: d.Rendered.Subject, Readers: counts.Active, HTMLBytes: len(d.Rendered.HTML), Featured: []string{}}
		for _, it := range d.Selection.Featured {
			row.Featured = append(row.Featured, it.Slug)
		}
		a.sayFindings(d.Findings)
		return a.printJSON(row)
	}
	a.printf("edition  %s\nsubject  %s\nreaders  %d\nsize     %d bytes of HTML\n", w, d.Rendered.Subject, counts.Active, len(d.Rendered.HTML))
	for i, it := range d.Selection.Featured {
		a.printf("%d        %s vs %s\n", i+1, it.Tools[0], it.Tools[1])
	}
	a.sayFindings(d.Findings)
	return nil
}

func (a *app) send(ctx context.Context, w edition.Week, limit int64) error {
	p, err := a.sender(ctx)
	if err != nil {
		return err
	}
	if err := a.askToSend(ctx, w); err != nil {
		return err
	}
	e, frozen, err := p.Release(ctx, w)
	if err != nil {
		return err
	}
	if frozen.Resumed {
		a.say("edition %s goes on: %s", w, e.Subject)
	} else {
		a.say("edition %s to %s: %s", w, count(frozen.Recipients, "reader"), e.Subject)
	}
	return a.deliver(ctx, p, w, limit)
}

// askToSend asks unless the edition is being sent already: then it was asked.
func (a *app) askToSend(ctx context.Context, w edition.Week) error {
	e, err := a.db.Editions().Find(ctx, w)
	if err == nil && e.State == edition.Sending {
		return nil
	}
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return err
	}
	counts, err := a.db.Subscribers().Count(ctx)
	if err != nil {
		return err
	}
	return a.confirm(ctx, fmt.Sprintf("send edition %s to %s?", w, count(counts.Active, "reader")))
}

// deliver runs the send with its progress on a terminal, and says what came of it.
func (a *app) deliver(ctx context.Context, p *pipeline.Pipeline, w edition.Week, limit int64) error {
	progress := &delivery.Progress{}
	stop := a.showProgress(progress)
	sum, err := p.Deliver(ctx, w, pipeline.DeliverOptions{Limit: limit, Progress: progress})
	stop()
	if err != nil && sum.Counts.Total() == 0 {
		return withNext(w, err)
	}
	a.saySummary(w, sum)
	if err != nil {
		return withNext(w, err)
	}
	a.sayNext(w, sum)
	if a.json {
		if err := a.printStatus(ctx, w); err != nil {
			return err
		}
	}
	c := sum.Counts
	if c[delivery.Failed]+c[delivery.Deferred]+c[delivery.Unknown]+c.Open() > 0 {
		return exit(exitPartly)
	}
	return nil
}

func (a *app) saySummary(w edition.Week, sum delivery.Summary) {
	c := sum.Counts
	if r := sum.Recovered; r.Requeued+r.Unknown > 0 {
		a.say("taken over from a sender that was cut short: %d queued again, %d unknown", r.Requeued, r.Unknown)
	}
	a.say("%s: %d of %d accepted, %d failed, %d deferred, %d unknown, %d suppressed in %s",
		w, c[delivery.Accepted], c.Total(), c[delivery.Failed], c[delivery.Deferred], c[delivery.Unknown], c[delivery.Suppressed], sum.Took.Round(time.Millisecond))
	if c[delivery.Unknown] > 0 {
		a.say("the server's answer to %s was lost: 'digest status --week %s --unknown' lists them, 'digest resolve' settles them", count(c[delivery.Unknown], "message"), w)
	}
}

// sayNext says when there is more to do: now when a limit ended the send, else
// when a retry is due.
func (a *app) sayNext(w edition.Week, sum delivery.Summary) {
	switch queued := sum.Counts[delivery.Queued]; {
	case queued > 0:
		a.say("%s still to be mailed: 'digest send --week %s' goes on", count(queued, "reader"), w)
	case !sum.ResumeAt.IsZero():
		a.say("more to do from %s on: 'digest send --week %s' goes on, or let 'digest serve' do it", sum.ResumeAt.Format(time.RFC3339), w)
	}
}
