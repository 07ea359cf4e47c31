package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
)

func newEditionAmendCmd(a *app) *cobra.Command {
	cmd := a.weekCmd(&cobra.Command{
		Use:   "amend",
		Short: "Correct a paused send for readers who have not got it yet",
		Long:  "Render a paused edition's comparisons as they are now, with its edits, for the\nreaders who have not been mailed yet. Those who have the edition keep it: nobody\ngets two. 'digest resume' then sends it.",
	}, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		draft, err := d.DraftAmendment(ctx, w)
		if err != nil {
			return err
		}
		report.Concerns(a.told(), draft.Findings)
		if err := a.confirm(ctx, fmt.Sprintf("amend edition %s (%s)? This cannot be undone.", w, draft.Rendered.Subject)); err != nil {
			return err
		}
		done, err := d.Amend(ctx, draft)
		if err != nil {
			return err
		}
		return a.did(api.NewEdition(done.Edition), "edition %s is amended for %s; 'digest resume %s' goes on", w, count(done.Waiting, "reader"), w)
	})
	a.yesFlag(cmd)
	return cmd
}
