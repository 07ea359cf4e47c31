package main

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

const statusLong = `Show where a send stands: how many readers in which state, and with --domains by
the recipients' domains. --unknown, --failed and --deferred list the readers with
what the server said: "who did not get it?". --unknown gives the Message-ID, to look for
in the relay's log.`

type statusFlags struct {
	week                      string
	watch                     bool
	domains                   int
	unknown, failed, deferred bool
}

func newStatusCmd(a *app) *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Where a send stands",
		Long:  statusLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.week(f.week)
			if err != nil {
				return err
			}
			if _, err := a.openDatabase(cmd.Context()); err != nil {
				return err
			}
			if f.watch {
				return a.watchStatus(cmd.Context(), w)
			}
			return a.status(cmd.Context(), w, f)
		},
	}
	weekFlag(cmd, &f.week)
	fl := cmd.Flags()
	fl.BoolVar(&f.watch, "watch", false, "follow a send until it ends")
	fl.IntVar(&f.domains, "domains", 0, "show the `N` domains with the most readers")
	fl.BoolVar(&f.unknown, "unknown", false, "list readers whose outcome is unknown")
	fl.BoolVar(&f.failed, "failed", false, "list readers who were refused for good")
	fl.BoolVar(&f.deferred, "deferred", false, "list readers who wait for a retry")
	return cmd
}

func (a *app) status(ctx context.Context, w edition.Week, f statusFlags) error {
	for _, l := range []struct {
		want  bool
		state delivery.State
	}{{f.unknown, delivery.Unknown}, {f.failed, delivery.Failed}, {f.deferred, delivery.Deferred}} {
		if l.want {
			return a.listDeliveries(ctx, w, l.state)
		}
	}
	if a.json {
		return a.printStatusJSON(ctx, w, f.domains)
	}
	if err := a.printStatus(ctx, w); err != nil || f.domains == 0 {
		return err
	}
	return a.printDomains(ctx, w, f.domains)
}

// printStatusJSON prints status --json, with the busiest domains when they are
// asked for.
func (a *app) printStatusJSON(ctx context.Context, w edition.Week, domains int) error {
	r, err := a.statusOf(ctx, w)
	if err != nil {
		return err
	}
	if domains > 0 {
		rows, err := a.deliveryDomains(ctx, w, domains)
		if err != nil {
			return err
		}
		for _, row := range rows {
			r.Domains = append(r.Domains, domainReport{Domain: row.Domain, Counts: newStatusCounts(row.Counts), Total: row.Counts.Total()})
		}
	}
	return a.printJSON(r)
}

// deliveryDomains gives the n busiest domains of a week's edition.
func (a *app) deliveryDomains(ctx context.Context, w edition.Week, n int) ([]delivery.DomainCounts, error) {
	e, err := a.db.Editions().Find(ctx, w)
	if err != nil {
		return nil, err
	}
	return a.db.DeliveryDomains(ctx, e.ID, n)
}

// A statusReport is status --json.
type statusReport struct {
	Week    string       `json:"week"`
	State   string       `json:"state"`
	Subject string       `json:"subject"`
	Paused  string       `json:"paused,omitempty"`
	Counts  statusCounts `json:"counts"`
	Total   int64        `json:"total"`

	Domains []domainReport `json:"domains,omitempty"` // with --domains
}

type domainReport struct {
	Domain string       `json:"domain"`
	Counts statusCounts `json:"counts"`
	Total  int64        `json:"total"`
}

type statusCounts struct {
	Queued     int64 `json:"queued"`
	Sending    int64 `json:"sending"`
	Accepted   int64 `json:"accepted"`
	Deferred   int64 `json:"deferred"`
	Failed     int64 `json:"failed"`
	Unknown    int64 `json:"unknown"`
	Suppressed int64 `json:"suppressed"`
}

func newStatusCounts(c delivery.Counts) statusCounts {
	return statusCounts{
		Queued: c[delivery.Queued], Sending: c.Sending(), Accepted: c[delivery.Accepted], Deferred: c[delivery.Deferred],
		Failed: c[delivery.Failed], Unknown: c[delivery.Unknown], Suppressed: c[delivery.Suppressed],
	}
}

func (a *app) statusOf(ctx context.Context, w edition.Week) (statusReport, error) {
	e, err := a.db.Editions().Find(ctx, w)
	if err != nil {
		return statusReport{}, noEdition(w, err)
	}
	r := statusReport{Week: w.String(), State: string(e.State), Subject: e.Subject, Paused: e.PauseReason}
	if !e.Frozen() {
		return r, nil
	}
	c, err := a.db.DeliveryCounts(ctx, e.ID)
	if err != nil {
		return r, err
	}
	r.Counts = newStatusCounts(c)
	r.Total = c.Total()
	return r, nil
}

func (a *app) printStatus(ctx context.Context, w edition.Week) error {
	if a.json {
		return a.printStatusJSON(ctx, w, 0)
	}
	r, err := a.statusOf(ctx, w)
	if err != nil {
		return err
	}
	a.printf("%s  %s  %s\n", r.Week, r.State, r.Subject)
	if r.Paused != "" {
		a.printf("paused: %s\n        'digest resume --week %s' goes on\n", r.Paused, r.Week)
	}
	if r.Total == 0 {
		return nil
	}
	c := r.Counts
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	for _, row := range []struct {
		name string
		n    int64
	}{
		{"accepted", c.Accepted}, {"failed", c.Failed}, {"unknown", c.Unknown}, {"suppressed", c.Suppressed},
		{"deferred", c.Deferred}, {"sending", c.Sending}, {"queued", c.Queued}, {"total", r.Total},
	} {
		fmt.Fprintf(tw, "%s\t%8d\n", row.name, row.n)
	}
	return tw.Flush()
}

func (a *app) printDomains(ctx context.Context, w edition.Week, n int) error {
	rows, err := a.deliveryDomains(ctx, w, n)
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "domain\treaders\taccepted\tfailed\tdeferred\tunknown")
	for _, r := range rows {
		c := r.Counts
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\n", r.Domain, c.Total(), c[delivery.Accepted], c[delivery.Failed], c[delivery.Deferred], c[delivery.Unknown])
	}
	return tw.Flush()
}

type deliveryRow struct {
	Email       string     `json:"email"`
	State       string     `json:"state"`
	Attempts    int        `json:"attempts"`
	At          time.Time  `json:"at"`
	NextAttempt *time.Time `json:"next_attempt,omitempty"`
	Reply       string     `json:"reply"`
	MessageID   string     `json:"message_id,omitempty"` // of a delivery of unknown outcome
}

// listDeliveries answers "who did not get it?".
func (a *app) listDeliveries(ctx context.Context, w edition.Week, state delivery.State) error {
	e, err := a.db.Editions().Find(ctx, w)
	if err != nil {
		return noEdition(w, err)
	}
	messageID := func(int64) string { return "" }
	if state == delivery.Unknown { // the relay's log knows a message by it
		p, err := a.pipeline(ctx)
		if err != nil {
			return err
		}
		if messageID, err = p.MessageIDs(ctx, w); err != nil {
			return err
		}
	}
	const page = 1000
	for after := int64(0); ; {
		list, err := a.db.DeliveriesIn(ctx, e.ID, state, after, page)
		if err != nil {
			return err
		}
		for _, d := range list {
			if err := a.printDelivery(d, messageID(d.ID)); err != nil {
				return err
			}
			after = d.ID
		}
		if len(list) < page {
			return nil
		}
	}
}

func (a *app) printDelivery(d delivery.Delivery, messageID string) error {
	email := d.Email
	if email == "" {
		email = fmt.Sprintf("(erased reader %d)", d.ID)
	}
	if !a.json {
		a.printf("%s  %s  %s\n", d.At.Format(time.RFC3339), email, cmp.Or(messageID, d.Reply))
		return nil
	}
	row := deliveryRow{Email: email, State: d.State.String(), Attempts: d.Attempts, At: d.At, Reply: d.Reply, MessageID: messageID}
	if !d.NextAttempt.IsZero() {
		row.NextAttempt = &d.NextAttempt
	}
	return a.printLine(row)
}

// deliveryCounts gives the counts by the states' names.
func deliveryCounts(c delivery.Counts) map[string]int {
	out := map[string]int{}
	for s, n := range c {
		out[delivery.State(s).String()] = int(n)
	}
	return out
}
