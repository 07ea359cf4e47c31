package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
)

const verifyLong = `Prove a send from the records: every recipient that was frozen is accepted,
failed, deferred, unknown or suppressed (or still queued while it runs), and
nobody's message was ended more often than it was refused, plus one, by the
journal. Exit 6 when the proof does not hold.`

func newVerifyCmd(a *app) *cobra.Command {
	return a.weekCmd(&cobra.Command{Use: "verify", Short: "Prove that nobody was mailed twice and nobody missed", Long: verifyLong},
		needsDatabase, decides, (*desk.Desk).SendWeek, a.verify)
}

func (a *app) verify(ctx context.Context, d *desk.Desk, w edition.Week) error {
	proof, err := d.Verify(ctx, w)
	if err != nil {
		return err
	}
	row := api.NewProof(proof)
	err = a.show(row, func() error { a.printProof(row, proof); return nil })
	if err == nil && !row.Holds {
		err = exit(exitCheck)
	}
	return err
}

func (a *app) printProof(row api.Proof, p delivery.Proof) {
	c := row.Counts
	a.printf("%d recipients = %d accepted + %d failed + %d deferred + %d unknown + %d suppressed",
		row.Recipients, c.Accepted, c.Failed, c.Deferred, c.Unknown, c.Suppressed)
	if open := c.Queued + c.Sending; open > 0 {
		a.printf(" + %d still to send", open)
	}
	a.printf("\n%d accepted twice\n", row.Twice)
	for _, d := range p.Unknown {
		a.printf("unknown: %s since %s\n", d.Email, d.At.Format(time.RFC3339))
	}
	if more := c.Unknown - int64(len(p.Unknown)); more > 0 {
		a.printf("and %d more: 'digest status --week %s --unknown' lists them\n", more, row.Week)
	}
	for _, problem := range row.Problems {
		a.printf("does not hold: %s\n", problem)
	}
	if row.Holds {
		a.printf("the proof holds\n")
	}
}
