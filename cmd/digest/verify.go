package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/delivery"
)

const verifyLong = `Prove a send from the records: every recipient that was frozen is accepted,
failed, deferred, unknown or suppressed (or still queued while it runs), and
nobody's message was ended more often than it was refused, plus one, by the
journal. Exit 6 when the proof does not hold.`

func newVerifyCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nobody was mailed twice and nobody missed",
		Long:  verifyLong,
		Args:  exactArgs(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.verify(cmd.Context(), week) },
	}
	weekFlag(cmd, &week)
	return cmd
}

// A proofRow is verify --json.
type proofRow struct {
	Week       string       `json:"week"`
	Holds      bool         `json:"holds"`
	Recipients int64        `json:"recipients"`
	Counts     statusCounts `json:"counts"`
	Twice      int64        `json:"accepted_twice"`
	Problems   []string     `json:"problems"`
	Unknown    []string     `json:"unknown"`
}

func (a *app) verify(ctx context.Context, week string) error {
	e, err := a.recorded(ctx, week)
	if err != nil {
		return err
	}
	journals, err := a.journals()
	if err != nil {
		return err
	}
	proof, err := delivery.Verify(ctx, a.db, journals, e.ID)
	if errors.Is(err, delivery.ErrNotFound) {
		return fmt.Errorf("edition %s is %s and was not sent: there is nothing to prove: %w", e.Week, e.State, err)
	}
	if err != nil {
		return err
	}
	row := proofRow{
		Week: e.Week.String(), Recipients: proof.Info.Recipients, Counts: newStatusCounts(proof.Counts),
		Twice: proof.Twice.Count, Problems: proof.Problems(), Unknown: []string{},
	}
	if row.Problems == nil {
		row.Problems = []string{}
	}
	row.Holds = len(row.Problems) == 0
	for _, d := range proof.Unknown {
		row.Unknown = append(row.Unknown, d.Email)
	}
	if a.json {
		if err := a.printJSON(row); err != nil {
			return err
		}
	} else {
		a.printProof(row, proof)
	}
	if !row.Holds {
		return exit(exitCheck)
	}
	return nil
}

func (a *app) printProof(row proofRow, p delivery.Proof) {
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
