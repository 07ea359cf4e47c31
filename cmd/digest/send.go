package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/meter"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/report"
	"verdicts.example/digest/subscribers"
)

const sendLong = `Send a week's edition to everyone on the list, and end when every delivery is
final or waits for a retry. It builds and checks the mail first, shows what would
go to whom, and asks. A send that was cut short goes on where it was, with the same
bytes: nobody gets it twice.

  --dry-run   says what it would do, and how it would exit, and does nothing
  --now       skips the wait after the first part of the list (canary.wait), also of
              a sender that is at work, or the first part itself
  --to EMAIL  sends a test to one address, with links that do nothing, and records
              nothing

Exits 3 when some failed, are deferred or unknown; 4 when there is nothing to send;
5 when not approved; 6 when a check failed or the settings are still the example's;
7 when another sender is at work; 75 when the mail server cannot be reached: try later.`

type sendFlags struct {
	week  string
	to    []string // one; more are told apart from none only so
	dry   bool
	limit int64
	now   bool
}

func newSendCmd(a *app) *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:     "send",
		Short:   "Send a week's edition",
		Long:    sendLong,
		Example: "  digest send --to me@example.org\n  digest send --dry-run\n  digest send 2026-W47 --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(f.to) > 1:
				return usage("digest send: --to takes one address; run it once for each")
			case len(f.to) == 1 && (f.dry || f.limit != 0):
				return usage("digest send: --to does not go with --dry-run or --limit")
			case f.limit < 1 && cmd.Flags().Changed("limit"):
				return usage("digest send: --limit %d: it is at least 1", f.limit)
			case len(f.to) == 1:
				to, err := subscribers.ParseAddress(f.to[0])
				if err != nil {
					return usage("digest send: --to %s", err)
				}
				return a.onWeek(&f.week, assembly.MayLackOne, assembly.Sends, (*desk.Desk).DraftWeek, a.sendTest(to.Email))(cmd, args)
			case f.dry:
				return a.onWeek(&f.week, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, a.sendDry(f))(cmd, args)
			}
			return a.onWeek(&f.week, assembly.KeepsDatabase, assembly.Sends, (*desk.Desk).DraftWeek, a.send(f))(cmd, args)
		},
	}
	a.weekArg(cmd, &f.week)
	cmd.Flags().StringArrayVar(&f.to, "to", nil, "send a test to this `EMAIL` only")
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "say what would be sent, and send nothing")
	cmd.Flags().Int64Var(&f.limit, "limit", 0, "send at most `N` messages now; run again for more")
	cmd.Flags().BoolVar(&f.now, "now", false, "do not wait after the first part of the list (canary.wait)")
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

// sendDry says what a send would do, and ends as it would.
func (a *app) sendDry(f sendFlags) deed {
	return func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		l, o, err := a.outlook(ctx, d, w)
		if err != nil {
			return err
		}
		if f.limit > 0 {
			o.Readers = min(f.limit, o.Readers)
		}
		err = a.write(o, func(out io.Writer) { report.Outlook(out, o, l.Selection.Featured, a.now()) })
		if err == nil {
			err = l.Refusal
		}
		if err == nil && !l.GoesOn() {
			err = a.mayBeEarly(o, f.week != "")
		}
		return err
	}
}

// outlook looks at what a send would do.
func (a *app) outlook(ctx context.Context, d *desk.Desk, w edition.Week) (desk.Look, api.Outlook, error) {
	l, err := d.Look(ctx, w)
	if err != nil {
		return l, api.Outlook{}, err
	}
	cfg, err := a.config()
	if err != nil {
		return l, api.Outlook{}, err
	}
	return l, api.NewOutlook(l.Look, l.Readers, cfg.Mail.From, cfg.Relay()), nil
}

func (a *app) send(f sendFlags) deed {
	return func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		l, o, err := a.outlook(ctx, d, w)
		if err != nil {
			return err
		}
		if !l.GoesOn() && l.Refusal == nil {
			if err := a.askToSend(ctx, o, l, f.week != ""); err != nil {
				return err
			}
		}
		e, frozen, err := d.Release(ctx, l.Look)
		if err != nil {
			if l.GoesOn() { // it is paused
				if printErr := a.printStatusIfJSON(ctx, d, w); printErr != nil {
					return printErr
				}
			}
			return err
		}
		if frozen.Resumed {
			a.say("edition %s goes on: %s", w, e.Subject)
		} else {
			a.say("edition %s to %s: %s", w, count(frozen.Recipients, "reader"), e.Subject)
		}
		return a.deliver(ctx, d, w, pipeline.DeliverOptions{Limit: f.limit, Now: f.now})
	}
}

// mayBeEarly refuses to send before the slot without a terminal or the week by
// name: a mistaken default would send next week's.
func (a *app) mayBeEarly(o api.Outlook, named bool) error {
	ahead := o.Slot.Sub(a.now())
	if ahead <= 0 || named || a.mayAsk() {
		return nil
	}
	return usage("the slot of %s is %s: to send it now, name it: digest send %s --yes", o.Week, report.Distance(ahead), o.Week)
}

// askToSend shows what would be sent, and asks.
func (a *app) askToSend(ctx context.Context, o api.Outlook, l desk.Look, named bool) error {
	report.Outlook(a.told(), o, l.Selection.Featured, a.now())
	if err := a.mayBeEarly(o, named); err != nil {
		return err
	}
	question := fmt.Sprintf("send edition %s to %s?", o.Week, count(o.Readers, "reader"))
	if ahead := o.Slot.Sub(a.now()); ahead > 0 {
		question = fmt.Sprintf("its slot is %s; %s", report.Distance(ahead), question)
	}
	return a.confirm(ctx, question)
}

// deliver runs the send with its progress on a terminal, and says what came of
// it. With --json the status is printed however it ends.
func (a *app) deliver(ctx context.Context, d *desk.Desk, w edition.Week, o pipeline.DeliverOptions) error {
	progress := &delivery.Progress{}
	stop := meter.New(a.stderr, a.now, a.quiet, false).Follow(progress)
	o.Progress = progress
	sum, err := d.Deliver(ctx, w, o)
	stop()
	if sum.Counts.Total() > 0 {
		report.Summary(a.told(), w.String(), sum)
	}
	if err == nil {
		report.Next(a.told(), w.String(), sum)
		if c := sum.Counts; c[delivery.Failed]+c[delivery.Deferred]+c[delivery.Unknown]+c.Open() > 0 {
			err = exit(exitPartly)
		}
	}
	if printErr := a.printStatusIfJSON(context.WithoutCancel(ctx), d, w); printErr != nil && err == nil {
		return printErr
	}
	return cutShort(err)
}
