package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/report"
)

const settleLong = `Settle deliveries of unknown outcome from the relay's log, a file or, as -, standard
input: of Postfix, Exim or OpenSMTPD as syslog writes it, or of KumoMTA in JSON.

A delivery is settled as accepted only where the log shows that the relay took a
message with its own Message-ID or envelope sender. What the log does not show
stays unknown; 'digest resolve' settles it by hand. While a send is open, readers
whom the database has as queued, although the relay took a message for them, are
settled too: a promoted standby, or a restored backup, has forgotten them.`

func newSettleCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "settle FILE|-",
		Short: "Settle deliveries of unknown outcome from the relay's log",
		Long:  settleLong,
		Args:  exactArgs("the relay's log, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var log io.Reader = a.stdin
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close() // it was only read
				log = f
			}
			d, err := a.inboxDesk(cmd.Context())
			if err != nil {
				return err
			}
			s, err := d.Settle(cmd.Context(), log)
			if err != nil {
				return err
			}
			return a.did(api.Settled{Settled: s.Settled, Unknown: int64(s.Unknown)}, "%s settled as accepted; %d of unknown outcome left", report.Deliveries(s.Settled), s.Unknown)
		},
	}
}
