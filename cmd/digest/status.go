package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
)

const statusLong = `Show how far a send is: how many readers are in which state and, with --domains, at
which domains. --unknown, --failed and --deferred list the readers with what the
server said: "who did not get it?". --unknown also gives the Message-ID, to look for
in the relay's log.`

type statusFlags struct {
	watch, nodes              bool
	domains                   int
	unknown, failed, deferred bool
}

func newStatusCmd(a *app) *cobra.Command {
	var f statusFlags
	cmd := a.weekCmd(&cobra.Command{Use: "status", Short: "Show how far a send is", Long: statusLong},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			if f.nodes {
				list, err := d.Nodes(ctx, w)
				if err != nil {
					return err
				}
				fleet, err := d.Fleet(ctx)
				if err != nil {
					return err
				}
				rows := api.Nodes(list, fleet, time.Now())
				return a.write(rows, func(out io.Writer) { report.Nodes(out, rows) })
			}
			if f.watch {
				return a.watchStatus(ctx, d, w)
			}
			return a.status(ctx, d, w, f)
		})
	fl := cmd.Flags()
	fl.BoolVar(&f.nodes, "nodes", false, "show the nodes that are sending, on PostgreSQL")
	fl.BoolVar(&f.watch, "watch", false, "follow the send until it ends")
	fl.IntVar(&f.domains, "domains", 0, "show the `N` domains with the most readers")
	fl.BoolVar(&f.unknown, "unknown", false, "list readers whose outcome is unknown")
	fl.BoolVar(&f.failed, "failed", false, "list readers whose server permanently rejected the mail")
	fl.BoolVar(&f.deferred, "deferred", false, "list readers who are waiting for a retry")
	return cmd
}

func (a *app) status(ctx context.Context, d *desk.Desk, w edition.Week, f statusFlags) error {
	for _, l := range []struct {
		want  bool
		state delivery.State
	}{{f.unknown, delivery.Unknown}, {f.failed, delivery.Failed}, {f.deferred, delivery.Deferred}} {
		if l.want {
			return a.listDeliveries(ctx, d, w, l.state)
		}
	}
	stand, err := d.Stand(ctx, w, f.domains)
	if err != nil {
		return err
	}
	row := api.StatusOf(stand, time.Now())
	return a.show(row, func() error { return report.Status(a.stdout, row) })
}

// printStatusIfJSON is how a command that changes a send says with --json how it
// stands.
func (a *app) printStatusIfJSON(ctx context.Context, d *desk.Desk, w edition.Week) error {
	if !a.json {
		return nil
	}
	stand, err := d.Stand(ctx, w, 0)
	if err != nil {
		return err
	}
	return a.printJSON(api.StatusOf(stand, time.Now()))
}

// listDeliveries answers "who did not get it?".
func (a *app) listDeliveries(ctx context.Context, d *desk.Desk, w edition.Week, state delivery.State) error {
	return listing(a, "", d.Deliveries(ctx, w, state),
		func(x desk.Delivery) api.Delivery { return api.NewDelivery(x.Delivery, x.MessageID) },
		func(_ desk.Delivery, r api.Delivery) string {
			return fmt.Sprintf("%s  %s  %s", r.At.Format(time.RFC3339), r.Email, cmp.Or(r.MessageID, r.Reply))
		})
}
