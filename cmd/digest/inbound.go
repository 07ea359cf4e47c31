package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/report"
)

const inboundLong = `Take in one mail that came back (a bounce, a delay notice, a complaint, an
unsubscribe mail, a vacation notice or a DMARC report) from a file or, as -, from
standard input, as a mail server's pipe delivers it.

Only a mail to, or about, an envelope sender that this list made
(bounce+WEEK.TAG@mail.bounce_domain) changes anything: a reader whose mailbox is
gone, or who complained, gets no more mail; a delivery of unknown outcome is
settled. Other mails are not this list's, or are kept for a person to look at. No
mail is ever answered.

Exits 0 when the mail was dealt with, and 75 on any error, so that the mail server
delivers it again.

--explain says what a mail contains and changes nothing, whomever it is about; it
needs neither settings nor a database.`

func newInboundCmd(a *app) *cobra.Command {
	var explain bool
	var to string
	cmd := &cobra.Command{
		Use:   "inbound FILE|-",
		Short: "Take in a bounce, a complaint or an unsubscribe mail",
		Long:  inboundLong,
		Args:  exactArgs("a FILE, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := a.readMail(args[0])
			if err != nil && !explain {
				return withCode(exitTryLater, err)
			}
			if err != nil {
				return err
			}
			if explain {
				r := inbound.Read(raw)
				return a.write(api.NewInbound(r), func(w io.Writer) { report.Inbound(w, r) })
			}
			return a.takeInbound(cmd.Context(), raw, to)
		},
	}
	cmd.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		err := a.enter()
		if c == cmd && !explain { // its folder may be on a disk that comes back
			return withCode(exitTryLater, err)
		}
		return err
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "say what the mail contains and change nothing")
	cmd.Flags().StringVar(&to, "recipient", "", "`ADDRESS` that the mail was delivered to, where the mail server does not write it into the mail")
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
	return a.did(api.NewInboundTaken(taken), "%s", report.Taken(taken))
}

func newInboundListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show what came back in the last 30 days, and the mails that are kept",
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
			if err := a.write(rows, func(w io.Writer) { report.Returned(w, rows) }); err != nil || a.json {
				return err
			}
			if len(rows.Counts) == 0 && len(rows.Kept) == 0 {
				a.say("nothing came back in the last 30 days")
			}
			if len(rows.Kept) > 0 {
				a.say("'digest inbound show ID' prints a kept mail")
			}
			return nil
		},
	}
}

func newInboundShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Print the beginning of a kept mail, as it came",
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
