package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/doctor"
)

const doctorLong = `Check what can be wrong: the sender's DNS (SPF, DKIM, DMARC and alignment, MX of
the bounce domain, PTR, HELO), the relay's login and TLS, the site as readers reach
it and its one-click unsubscription, the clock, the disk, file modes, the database,
the journals, the next slot, stuck editions and unknown deliveries.

Nothing is changed and nobody is mailed. It asks the system's resolver, the relay
and the site at base_url, and nobody else. Each finding comes with its fix. Exit 6
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
	if a.json {
		if err := a.printJSON(api.Checkups(found)); err != nil {
			return err
		}
	} else {
		a.printFindingsOfDoctor(found)
	}
	if doctor.Failed(found) {
		return exit(exitCheck)
	}
	return nil
}

// printFindingsOfDoctor writes the gravest first, and a total.
func (a *app) printFindingsOfDoctor(found []doctor.Finding) {
	var total []string
	for _, level := range []doctor.Level{doctor.Fail, doctor.Warn, doctor.Skipped, doctor.Pass} {
		n := 0
		for _, f := range found {
			if f.Level != level {
				continue
			}
			n++
			a.printf("%-7s  %-14s  %s\n", f.Level, f.Check, f.Detail)
			if f.Fix != "" {
				a.printf("%25s→ %s\n", "", f.Fix)
			}
		}
		total = append(total, fmt.Sprintf("%d %s", n, level))
	}
	a.printf("%d checks: %s\n", len(found), strings.Join(total, ", "))
}
