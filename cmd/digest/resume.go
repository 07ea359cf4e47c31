package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
)

const resumeLong = `Go on with an edition that was paused: by an operator's fault (a refused login, a
refused sender), by too many bounces, or by 'digest pause'. Mend the cause first.

After a restored backup the journal beside the database knows of messages that
the database does not; the send then refuses to go on. --reconcile marks those
readers unknown and goes on with the rest. If the journal itself is gone, and the
database was not restored since the send began, --accept-journal-loss begins a
new one.`

func newResumeCmd(a *app) *cobra.Command {
	var week string
	var reconcile, acceptLoss bool
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Go on with a paused send",
		Long:  resumeLong,
		RunE: a.onWeek(&week, needsDatabase, sends, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			return a.resume(ctx, d, w, reconcile, acceptLoss)
		}),
	}
	a.weekArg(cmd, &week)
	cmd.Flags().BoolVar(&reconcile, "reconcile", false, "after a restored backup: mark what the journal knows to have left as unknown")
	cmd.Flags().BoolVar(&acceptLoss, "accept-journal-loss", false, "begin a new journal; only when the database was not restored")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) resume(ctx context.Context, d *desk.Desk, w edition.Week, reconcile, acceptLoss bool) error {
	e, err := d.Edition(ctx, w)
	if err == nil {
		err = desk.Resumable(e)
	}
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, fmt.Sprintf("go on sending edition %s?", w)); err != nil {
		return err
	}
	if acceptLoss {
		if err := d.AcceptJournalLoss(ctx, w); err != nil {
			return err
		}
		a.say("a new journal is begun")
	}
	if reconcile {
		n, err := d.Reconcile(ctx, w)
		if err != nil {
			return err
		}
		a.say("%d readers whose message had left are now unknown", n)
	}
	reason, err := d.Resume(ctx, w)
	if err != nil {
		return err
	}
	if reason != "" {
		a.say("edition %s goes on; it was paused: %s", w, reason)
	}
	return a.deliver(ctx, d, w, 0)
}

func newPauseCmd(a *app) *cobra.Command {
	var week, reason string
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Pause a running send, from another terminal too",
		RunE: a.onWeek(&week, needsDatabase, decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			e, err := d.Pause(ctx, w, reason)
			if err != nil {
				return err
			}
			return a.did(api.NewEdition(e), "edition %s is paused; 'digest resume %s' goes on", w, w)
		}),
	}
	a.weekArg(cmd, &week)
	cmd.Flags().StringVar(&reason, "reason", "paused by an operator", "`WHY`, for the record")
	return cmd
}

const resolveLong = `Settle the deliveries whose outcome is unknown: the end of the message was written
and the server's answer was lost. Look into the relay's log first: the Message-ID
says which they are.

  --as sent    they arrived
  --as retry   they did not; they are sent again, with the same Message-ID`

func newResolveCmd(a *app) *cobra.Command {
	var week, as string
	cmd := &cobra.Command{
		Use:   "resolve",
		Short: "Settle deliveries of unknown outcome",
		Long:  resolveLong,
		PreRunE: func(*cobra.Command, []string) error {
			if as != "sent" && as != "retry" {
				return usage("digest resolve: --as is sent or retry")
			}
			return nil
		},
		RunE: a.onWeek(&week, needsDatabase, decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			return a.resolve(ctx, d, w, as)
		}),
	}
	a.weekArg(cmd, &week)
	cmd.Flags().StringVar(&as, "as", "", "`OUTCOME`: sent or retry (required)")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) resolve(ctx context.Context, d *desk.Desk, w edition.Week, as string) error {
	e, counts, err := d.Standing(ctx, w)
	if err != nil {
		return err
	}
	unknown := counts[delivery.Unknown]
	if unknown == 0 {
		a.say("edition %s has no delivery of unknown outcome", w)
		return a.printStatusIfJSON(ctx, d, w)
	}
	question := fmt.Sprintf("settle %s of %s as %s?", deliveries(unknown), w, as)
	if as == "retry" && e.State == edition.Sent {
		question = fmt.Sprintf("edition %s is sent; this opens it again, to send %s once more. Go on?", w, deliveries(unknown))
	}
	if err := a.confirm(ctx, question); err != nil {
		return err
	}
	n, err := d.Resolve(ctx, w, as == "retry")
	if err != nil {
		return err
	}
	a.say("%s settled as %s", deliveries(n), as)
	if as == "retry" {
		a.say("'digest send --week %s' sends them", w)
	}
	return a.printStatusIfJSON(ctx, d, w)
}

func deliveries(n int64) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}
