package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/report"
)

const resumeLong = `Resume an edition that was paused by a fault of the sender's (a refused login, a
refused sender), by too many bounces, or by 'digest pause'. Fix the cause first.

After a backup was restored, the journal beside the database knows of messages that
the database does not, and the send refuses to go on. --reconcile marks those readers
unknown and goes on with the rest. If the journal itself is gone, and the database
was not restored since the send began, --accept-journal-loss starts a new one.

After a standby of PostgreSQL was promoted, nobody sends until each node has compared
its journal, which it does by itself. --lost-node NAME says that a node's disk is gone:
settle from the relay's log first ('digest settle'), since nobody else knows whom that
node mailed last.

If a week was sent and the restored database knows nothing of it, --reconcile --week
WEEK records that it was, so that its content does not come again.`

func newResumeCmd(a *app) *cobra.Command {
	var reconcile, acceptLoss bool
	var lost []string
	cmd := a.weekCmd(&cobra.Command{Use: "resume", Short: "Resume a paused send", Long: resumeLong},
		assembly.NeedsDatabase, assembly.Sends, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			return a.resume(ctx, d, w, reconcile, acceptLoss || len(lost) > 0, lost)
		})
	cmd.Flags().BoolVar(&reconcile, "reconcile", false, "after a restore: mark as unknown what the journal knows to have left")
	cmd.Flags().BoolVar(&acceptLoss, "accept-journal-loss", false, "start a new journal; only when the database was not restored")
	cmd.Flags().StringSliceVar(&lost, "lost-node", nil, "`NAME` of a node whose disk is gone after a failover: do not wait for its journal; repeatable")
	a.yesFlag(cmd)
	return cmd
}

func lossAccepted(lost []string) string {
	if len(lost) == 0 {
		return "a new journal is begun"
	}
	return "nobody waits any more for the journal of " + strings.Join(lost, ", ")
}

func (a *app) resume(ctx context.Context, d *desk.Desk, w edition.Week, reconcile, acceptLoss bool, lost []string) error {
	e, err := d.Edition(ctx, w)
	if reconcile && (errors.Is(err, edition.ErrNotFound) || err == nil && !e.Frozen()) {
		return a.adopt(ctx, d, w)
	}
	ended := err == nil && acceptLoss && e.State == edition.Sent // only its journal is begun anew
	if err == nil && !ended {
		err = desk.Resumable(e)
	}
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, fmt.Sprintf("go on with edition %s?", w)); err != nil {
		return err
	}
	if acceptLoss {
		if err := d.AcceptJournalLoss(ctx, w, lost...); err != nil {
			return err
		}
		a.say("%s", lossAccepted(lost))
		if ended {
			return nil
		}
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
	return a.deliver(ctx, d, w, pipeline.DeliverOptions{})
}

// adopt records a week as sent of which only the journals know.
func (a *app) adopt(ctx context.Context, d *desk.Desk, w edition.Week) error {
	if err := a.confirm(ctx, fmt.Sprintf("record edition %s as sent, as its journal says?", w)); err != nil {
		return err
	}
	n, err := d.Adopt(ctx, w)
	if err != nil {
		return err
	}
	a.say("edition %s is recorded as sent; its %d readers are unknown: 'digest settle FILE' settles those that the relay's log knows, 'digest resolve --week %s --as sent' the rest", w, n, w)
	return nil
}

func newPauseCmd(a *app) *cobra.Command {
	var reason string
	cmd := a.weekCmd(&cobra.Command{Use: "pause", Short: "Pause a running send, whoever runs it"},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			e, err := d.Pause(ctx, w, reason)
			return a.didEdition(e, err, "edition %s is paused; 'digest resume %s' goes on", w, w)
		})
	cmd.Flags().StringVar(&reason, "reason", "paused by an operator", "`WHY`, for the record")
	return cmd
}

const resolveLong = `Settle the deliveries whose outcome is unknown: the end of the message was written
and the server's answer was lost. Look in the relay's log first, for the Message-ID.

  --as sent    they arrived
  --as retry   they did not; they are sent again, with the same Message-ID

With --failed, --as retry sends again to readers whom a server refused for something
that was not theirs: the sender's address, the message, the account's limit, a
policy, a server on the way. Fix that first. Where the circuit breaker paused the
edition, it is everybody who failed: no refusal is believed then.`

func newResolveCmd(a *app) *cobra.Command {
	var as string
	var failed bool
	cmd := a.weekCmd(&cobra.Command{
		Use:   "resolve",
		Short: "Settle deliveries of unknown outcome by hand",
		Long:  resolveLong,
		PreRunE: func(*cobra.Command, []string) error {
			if as != "sent" && as != "retry" {
				return usage("digest resolve: --as is sent or retry")
			}
			if failed && as != "retry" {
				return usage("digest resolve: --failed goes with --as retry")
			}
			return nil
		},
	}, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		return a.resolve(ctx, d, w, resolution(as, failed))
	})
	cmd.Flags().StringVar(&as, "as", "", "`OUTCOME`: sent or retry (required)")
	cmd.Flags().BoolVar(&failed, "failed", false, "readers who failed through no fault of their own, instead of the unknown ones")
	a.yesFlag(cmd)
	return cmd
}

func resolution(as string, failed bool) delivery.Resolution {
	switch {
	case failed:
		return delivery.ResendFailed
	case as == "retry":
		return delivery.ResolveRetry
	default:
		return delivery.ResolveSent
	}
}

func (a *app) resolve(ctx context.Context, d *desk.Desk, w edition.Week, as delivery.Resolution) error {
	e, _, err := d.Standing(ctx, w)
	if err != nil {
		return err
	}
	n, err := d.Resolvable(ctx, w, as)
	if err != nil {
		return err
	}
	if n == 0 {
		a.say("%s", report.NoneToResolve(w, as))
		return a.printStatusIfJSON(ctx, d, w)
	}
	if err := a.confirm(ctx, report.MayResolve(e, as, n)); err != nil {
		return err
	}
	if n, err = d.Resolve(ctx, w, as); err != nil {
		return err
	}
	a.say("%s", report.Resolved(as, n))
	if as != delivery.ResolveSent {
		a.say("'digest send --week %s' sends them", w)
	}
	return a.printStatusIfJSON(ctx, d, w)
}
