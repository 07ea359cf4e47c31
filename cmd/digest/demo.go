package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/demo"
	"verdicts.example/digest/internal/server"
)

const demoLong = `Do the whole job once, in an empty temporary folder and with nothing to set up:
serve the site, sign a reader up through the real form, confirm from the mailbox,
pick and render the week's comparisons, send the digest over SMTP to the built-in
mailbox, and prove it. It prints where to look, and runs until Ctrl-C.

The sample comparisons are given this week's dates, so that they are new.`

func newDemoCmd(a *app) *cobra.Command {
	var exitAfter, keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Do the whole job once, with nothing to set up",
		Long:  demoLong,
		Args:  exactArgs(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), exitAfter, keep) },
	}
	cmd.Flags().BoolVar(&exitAfter, "exit", false, "end after the send; exit 0 when the digest arrived")
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the temporary folder")
	return cmd
}

func (a *app) demo(ctx context.Context, exitAfter, keep bool) (err error) {
	if a.configFile != "" || a.dir != "" || len(a.set) > 0 {
		return usage("digest demo: takes no settings; it makes its own in a temporary folder")
	}
	stage, err := demo.NewStage(a.now(), keep)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, a.close(), stage.Close()) // the database first
	}()
	a.configFile = stage.Settings
	svc, err := a.service(ctx)
	if err != nil {
		return err
	}
	d := demo.New(demo.Parts{Out: a.stdout, Stage: stage, Program: os.Args[0], Desk: svc.Desk, List: svc.List, Now: a.now})
	return d.Run(ctx, func(ctx context.Context) error {
		return svc.Run(ctx, svc.Pages, server.Listeners{Site: stage.Site, Operators: stage.Operators})
	}, !exitAfter)
}
