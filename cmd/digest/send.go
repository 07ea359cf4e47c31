package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
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
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.to != "" && (f.dry || f.limit != 0):
				return usage("digest send: --to does not go with --dry-run or --limit")
			case f.limit < 1 && cmd.Flags().Changed("limit"):
				return usage("digest send: --limit %d: it is at least 1", f.limit)
			case f.to != "":
				return a.onWeek(&f.week, mayLackOne, sends, (*desk.Desk).DraftWeek, a.sendTest(f.to))(cmd, args)
			case f.dry:
				return a.onWeek(&f.week, needsDatabase, decides, (*desk.Desk).DraftWeek, a.sendDry)(cmd, args)
			}
			return a.onWeek(&f.week, makesDatabase, sends, (*desk.Desk).DraftWeek, a.send(f.limit))(cmd, args)
		},
	}
	a.weekArg(cmd, &f.week)
	cmd.Flags().StringVar(&f.to, "to", "", "send a test to this `EMAIL` only")
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "say what would be sent, and send nothing")
	cmd.Flags().Int64Var(&f.limit, "limit", 0, "send at most `N` messages now; run again for more")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) sendTest(to string) deed {
	return func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		if err := a.confirm(ctx, fmt.Sprintf("send a test of %s to %s?", w, to)); err != nil {
			return err
		}
		draft, err := d.Test(ctx, w, to)
		if err != nil {
			return err
		}
		return a.done("test of %s sent to %s: %s", w, to, draft.Rendered.Subject)
	}
}

func (a *app) sendDry(ctx context.Context, d *desk.Desk, w edition.Week) error {
	draft, err := d.Draft(ctx, w)
	if err != nil {
		return err
	}
	a.warnProblems(draft.Problems)
	if draft.Selection.Nothing() {
		return withCode(exitNothing, nothingNew(w, draft))
	}
	readers, err := d.ActiveReaders(ctx)
	if err != nil {
		return err
	}
	row := api.DryRun{
		Week: w.String(), Subject: draft.Rendered.Subject, Readers: readers,
		HTMLBytes: len(draft.Rendered.HTML), Featured: api.Slugs(draft.Selection.Featured),
	}
	a.sayFindings(draft.Findings)
	if a.json {
		return a.printJSON(row)
	}
	a.printf("edition  %s\nsubject  %s\nreaders  %d\nsize     %d bytes of HTML\n", w, row.Subject, row.Readers, row.HTMLBytes)
	for i, it := range draft.Selection.Featured {
		a.printf("%d        %s vs %s\n", i+1, it.Tools[0], it.Tools[1])
	}
	return nil
}

func (a *app) send(limit int64) deed {
	return func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		if err := a.askToSend(ctx, d, w); err != nil {
			return err
		}
		e, frozen, err := d.Release(ctx, w)
		if err != nil {
			return err
		}
		if frozen.Resumed {
			a.say("edition %s goes on: %s", w, e.Subject)
		} else {
			a.say("edition %s to %s: %s", w, count(frozen.Recipients, "reader"), e.Subject)
		}
		return a.deliver(ctx, d, w, limit)
	}
}

// askToSend asks unless the edition is being sent already: then it was asked.
func (a *app) askToSend(ctx context.Context, d *desk.Desk, w edition.Week) error {
	e, err := d.Edition(ctx, w)
	if err == nil && e.State == edition.Sending {
		return nil
	}
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return err
	}
	readers, err := d.ActiveReaders(ctx)
	if err != nil {
		return err
	}
	return a.confirm(ctx, fmt.Sprintf("send edition %s to %s?", w, count(readers, "reader")))
}

// deliver runs the send with its progress on a terminal, and says what came of it.
func (a *app) deliver(ctx context.Context, d *desk.Desk, w edition.Week, limit int64) error {
	progress := &delivery.Progress{}
	stop := a.showProgress(progress)
	sum, err := d.Deliver(ctx, w, pipeline.DeliverOptions{Limit: limit, Progress: progress})
	stop()
	if err != nil && sum.Counts.Total() == 0 {
		return cutShort(err)
	}
	a.saySummary(w, sum)
	if err != nil {
		return cutShort(err)
	}
	a.sayNext(w, sum)
	if err := a.printStatusIfJSON(ctx, d, w); err != nil {
		return err
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
