package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/inbound"
)

const inboundLong = `Read one mail that came back: a bounce, a delay, a complaint, an unsubscribe
mail, a vacation notice or a DMARC report, from a file or, as -, from standard
input.

--explain says what is in it and changes nothing, whoever it is about; it needs
neither settings nor a database.`

func newInboundCmd(a *app) *cobra.Command {
	var explain bool
	cmd := &cobra.Command{
		Use:   "inbound FILE|-",
		Short: "Read a bounce, a complaint or an unsubscribe mail",
		Long:  inboundLong,
		Args:  exactArgs("a FILE, or - for standard input"),
		PreRunE: func(*cobra.Command, []string) error {
			if !explain {
				return usage("digest inbound: say --explain")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			raw, err := a.readMail(args[0])
			if err != nil {
				return err
			}
			return a.explainInbound(inbound.Read(raw))
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "say what is in it and change nothing")
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
