package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/inbound"
)

const inboundLong = `Take one mail that came back: a bounce, a delay, a complaint, an unsubscribe
mail, a vacation notice or a DMARC report, from a file or, as -, from standard
input, as a mail server's pipe brings it.

Only a mail to, or about, an envelope sender that this list made
(bounce+WEEK.TAG@mail.bounce_domain) changes anything: a reader whose mailbox is
gone, or who complained, gets no more mail; a delivery of unknown outcome is
settled. Others are none of ours, or are kept for somebody to look at. No mail is
ever answered.

The exit code is 0 when the mail was dealt with, and 75 when it is to be brought
again, whatever is wrong.

--explain says what is in a mail and changes nothing, whoever it is about; it
needs neither settings nor a database.`

func newInboundCmd(a *app) *cobra.Command {
	var explain bool
	var to string
	cmd := &cobra.Command{
		Use:   "inbound FILE|-",
		Short: "Take a bounce, a complaint or an unsubscribe mail",
		Long:  inboundLong,
		Args:  exactArgs("a FILE, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := a.readMail(args[0])
			if err != nil {
				return err
			}
			if explain {
				return a.explainInbound(inbound.Read(raw))
			}
			return a.takeInbound(cmd.Context(), raw, to)
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "say what is in it and change nothing")
	cmd.Flags().StringVar(&to, "recipient", "", "the `ADDRESS` that it was brought to, where the mail server does not write it into the mail")
	cmd.AddCommand(newInboundListCmd(a), newInboundShowCmd(a))
	return cmd
}

// readMail reads a mail from a file or, as -, from standard input.
func (a *app) readMail(name string) ([]byte, error) {
	in := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close() // it was only read
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, inbound.MaxMail))
	if err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	return raw, nil
}

// takeInbound takes a mail. A mail server keeps what is answered with 75, and
// drops or returns what is answered with anything else.
func (a *app) takeInbound(ctx context.Context, raw []byte, to string) error {
	d, err := a.inboxDesk(ctx)
	if err != nil {
		return withCode(exitTryLater, err)
	}
	var brought []string
	if to != "" {
		brought = append(brought, to)
	}
	taken, err := d.TakeMail(ctx, raw, brought...)
	if err != nil {
		return withCode(exitTryLater, err)
	}
	return a.did(api.NewInboundTaken(taken), "%s", takenWords(taken))
}

// takenWords says what became of a mail; it names no address: mail servers log it.
func takenWords(t inbound.Taken) string {
	s := fmt.Sprintf("%s of %s: ", t.Report.Kind, t.Week)
	switch t.Outcome {
	case inbound.OutcomeForeign:
		return "none of ours; nothing was done"
	case inbound.OutcomeLeft:
		return "unsubscribe: the reader is off the list"
	case inbound.OutcomeKept:
		return fmt.Sprintf("%s: %s; it is kept ('digest inbound list')", t.Report.Kind, t.Why)
	case inbound.OutcomeAgain:
		return s + "it came before"
	case inbound.OutcomeExpired:
		return s + "the confirmation that was sent cannot be used any more"
	case inbound.OutcomeSuppressed:
		return s + "the reader gets no more mail: " + t.Effect.Suppressed.String()
	}
	if t.Report.Kind == inbound.KindDMARC {
		return "dmarc: recorded"
	}
	if t.Effect.Settled {
		return s + "recorded; the delivery's outcome was unknown and is accepted now"
	}
	return s + "recorded"
}

func newInboundListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show what came back in the last 30 days, and what is kept",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := a.inboxDesk(cmd.Context())
			if err != nil {
				return err
			}
			r, err := d.Returned(cmd.Context())
			if err != nil {
				return err
			}
			rows := api.NewReturned(r.Tallies, r.Kept, r.DMARC)
			if a.json {
				return a.printJSON(rows)
			}
			a.printReturned(rows)
			return nil
		},
	}
}

func (a *app) printReturned(r api.Returned) {
	if len(r.Counts) == 0 && len(r.Kept) == 0 {
		a.say("nothing came back in the last 30 days")
	}
	for _, c := range r.Counts {
		a.printf("%7d  %-11s %s\n", c.Mails, c.Kind, c.Outcome)
	}
	for _, k := range r.Kept {
		a.printf("kept %s  %s  %s, %d bytes: %s\n", k.ID, k.At.Format("2006-01-02 15:04"), k.Kind, k.Size, k.Why)
	}
	if len(r.Kept) > 0 {
		a.say("'digest inbound show ID' prints a kept mail")
	}
	for _, d := range r.DMARC {
		a.printf("dmarc  %s on %s (p=%s): of %d mails, %d failed\n", d.Org, d.Domain, d.Policy, d.Messages, d.Failed)
	}
}

func newInboundShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Print a kept mail's beginning, as it came",
		Args:  exactArgs("an ID of 'digest inbound list'"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.inboxDesk(cmd.Context())
			if err != nil {
				return err
			}
			k, err := d.KeptMail(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(k.Raw)
			return err
		},
	}
}

func (a *app) explainInbound(r inbound.Report) error {
	if a.json {
		return a.printJSON(api.NewInbound(r))
	}
	a.printf("%s\n", r.Kind)
	for _, x := range r.Recipients {
		a.printf("  %s  %s\n", x.Email, whatItMeans(x))
		if x.Reply != "" {
			a.printf("      %s\n", x.Reply)
		}
	}
	if d := r.DMARC; d != nil {
		a.printf("  %s reports on %s (p=%s), %s to %s: of %d mails, %d failed\n", d.Org, d.Domain, d.Policy,
			d.Begin.Format("2006-01-02"), d.End.Format("2006-01-02"), d.Messages, d.Failed)
		for _, s := range d.Sources {
			a.printf("      %s  %d failed (DKIM %s, SPF %s)\n", s.IP, s.Failed, s.DKIM, s.SPF)
		}
	}
	return nil
}

// whatItMeans is a recipient's class and why, as in "hard 5.1.1: no such mailbox".
func whatItMeans(x inbound.Recipient) string {
	s := string(x.Class)
	if x.Status != "" {
		s += " " + x.Status
	}
	if s == "" {
		return x.Reason
	}
	return s + ": " + x.Reason
}
