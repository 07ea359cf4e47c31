package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

func newEditionCorrectCmd(a *app) *cobra.Command {
	var words, out string
	cmd := a.weekCmd(&cobra.Command{
		Use:   "correct",
		Short: "Send a correction to readers who got an edition before it was amended",
		Long:  "Send a short mail to the readers whose copy of an edition is older than its last\namendment, and to nobody else. It is an edition of its own, 2026-C47 for 2026-W47,\nwith its own journal and proof, and there is at most one: nobody gets two. --out\nonly writes what readers would get.",
	}, assembly.NeedsDatabase, assembly.Sends, (*desk.Desk).SendWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		if words == "" {
			return usage("--words FILE names a file that says what was wrong, and what is right")
		}
		text, err := desk.ReadWords(words)
		if err != nil {
			return err
		}
		c, err := d.DraftCorrection(ctx, w, text)
		if err != nil {
			return err
		}
		if out != "" {
			return c.WriteFiles(out, func(path string, size int) { a.say("%s  %d bytes", path, size) })
		}
		if err := a.confirm(ctx, fmt.Sprintf("send the correction of %s (%s) to %s?", w, c.Rendered.Subject, count(c.Older, "reader"))); err != nil {
			return err
		}
		if _, err := d.Correct(ctx, c); err != nil {
			return err
		}
		return a.deliver(ctx, d, c.Edition.Week, pipeline.DeliverOptions{})
	})
	a.yesFlag(cmd)
	cmd.Flags().StringVar(&words, "words", "", "`FILE` with the text of the correction, in Markdown")
	cmd.Flags().StringVar(&out, "out", "", "write the mail into `DIR` and send nothing")
	return cmd
}
