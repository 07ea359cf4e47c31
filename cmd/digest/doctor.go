package main

import (
	"io"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/report"
)

const doctorLong = `Check what can go wrong: the sender's DNS (SPF, DKIM, DMARC and alignment, MX of
the bounce domain, PTR, HELO), the relay's login and TLS, the site as readers reach
it and its one-click unsubscription, the clock, the disk, file modes, the database,
the journals, the next slot, stuck editions and unknown deliveries.

Nothing is changed and nobody is mailed. It asks the system's resolver, the relay
and the site at base_url, and nobody else. Each finding comes with its fix. Exits 6
when a check fails.`

func newDoctorCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check DNS, relay, site, machine and records, with a fix for each finding",
		Long:  doctorLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.wire()
			if err != nil {
				return err
			}
			checks, err := w.Checks(cmd.Context())
			if err != nil {
				return err
			}
			return a.printCheckup(doctor.Examine(cmd.Context(), checks))
		},
	}
}

func (a *app) printCheckup(found []doctor.Finding) error {
	err := a.write(api.Checkups(found), func(w io.Writer) { report.Checkup(w, found) })
	if err == nil && doctor.Failed(found) {
		err = exit(exitCheck)
	}
	return err
}
