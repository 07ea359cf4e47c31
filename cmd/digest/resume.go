package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/delivery"
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
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.resume(cmd.Context(), week, reconcile, acceptLoss)
		},
	}
	weekFlag(cmd, &week)
	cmd.Flags().BoolVar(&reconcile, "reconcile", false, "after a restored backup: mark what the journal knows to have left as unknown")
	cmd.Flags().BoolVar(&acceptLoss, "accept-journal-loss", false, "begin a new journal; only when the database was not restored")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) resume(ctx context.Context, week string, reconcile, acceptLoss bool) error {
	e, err := a.recorded(ctx, week)
	if err != nil {
		return err
	}
	if e.State != edition.Sending {
		return fmt.Errorf("edition %s is %s: there is nothing to go on with: %w", e.Week, e.State, edition.ErrState)
	}
	if err := a.confirm(ctx, fmt.Sprintf("go on sending edition %s?", e.Week)); err != nil {
		return err
	}
	p, err := a.sender(ctx)
	if err != nil {
		return err
	}
	t := p.Transport
	if acceptLoss {
		if err := delivery.AcceptJournalLoss(ctx, t.Store, t.Journals, e.ID, a.now()); err != nil {
			return err
		}
		a.say("a new journal is begun")
	}
	if reconcile {
		n, err := delivery.Reconcile(ctx, t.Store, t.Journals, e.ID, a.now())
		if err != nil {
			return err
		}
		a.say("%d readers whose message had left are now unknown", n)
	}
	if e.PauseReason != "" {
		if _, err := a.db.Editions().Change(ctx, e.Week, edition.Edition.Resume); err != nil {
			return err
		}
		a.say("edition %s goes on; it was paused: %s", e.Week, e.PauseReason)
	}
	return a.deliver(ctx, p, e.Week, 0)
}

func newPauseCmd(a *app) *cobra.Command {
	var week, reason string
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Pause a running send, from another terminal too",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.recorded(cmd.Context(), week)
			if err != nil {
				return err
			}
			_, err = a.db.Editions().Change(cmd.Context(), e.Week, func(e edition.Edition) (edition.Edition, error) {
				return e.Pause(reason)
			})
			if err != nil {
				return err
			}
			a.say("edition %s is paused; 'digest resume --week %s' goes on", e.Week, e.Week)
			return nil
		},
	}
	weekFlag(cmd, &week)
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
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if as != "sent" && as != "retry" {
				return usage("digest resolve: --as is sent or retry")
			}
			return a.resolve(cmd.Context(), week, as)
		},
	}
	weekFlag(cmd, &week)
	cmd.Flags().StringVar(&as, "as", "", "`OUTCOME`: sent or retry (required)")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) resolve(ctx context.Context, week, as string) error {
	e, err := a.recorded(ctx, week)
	if err != nil {
		return err
	}
	counts, err := a.db.DeliveryCounts(ctx, e.ID)
	if err != nil {
		return err
	}
	if counts[delivery.Unknown] == 0 {
		a.say("edition %s has no delivery of unknown outcome", e.Week)
		return nil
	}
	if err := a.confirm(ctx, fmt.Sprintf("settle %d deliveries of %s as %s?", counts[delivery.Unknown], e.Week, as)); err != nil {
		return err
	}
	n, err := a.db.ResolveDeliveries(ctx, e.ID, as == "retry", a.now())
	if err != nil {
		return err
	}
	a.say("%d deliveries settled as %s", n, as)
	if as == "retry" {
		a.say("'digest send --week %s' sends them", e.Week)
	}
	return nil
}
