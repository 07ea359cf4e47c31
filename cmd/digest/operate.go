package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
)

func newBackupCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database to a file, even while it is in use",
		Long: `Write a whole, consistent copy of the database to FILE, which must not exist.
Copying the database file itself while it is in use loses data.

Leave the folder "journal" beside the database where it is: it is not part of a
backup. It is what keeps a restored backup from sending an edition again.`,
		Args: exactArgs("a FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, db, err := a.existing(cmd.Context())
			if err != nil {
				return err
			}
			if err := db.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			return a.done("backup written to %s", args[0])
		},
	}
}

func newScheduleCmd(a *app) *cobra.Command {
	next := &cobra.Command{
		Use:   "next [N]",
		Short: "Show the next N slots, in the list's time zone; default 5",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s takes at most a number", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			n := 5
			if len(args) == 1 {
				var err error
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 || n > 1000 {
					return usage("digest schedule next: %q is not a number from 1 to 1000", args[0])
				}
			}
			return a.nextSlots(n)
		},
	}
	return group("schedule", "Show when drafts are built and digests sent", "Drafts are built at the slots of schedule.draft, and digests sent at those of schedule.send.", next, newScheduleResetCmd(a))
}

func newScheduleResetCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reset-clock",
		Short: "Accept the clock as it is now, after it was ahead",
		Long: `The scheduler does nothing while the clock shows an earlier time than it has shown
before: either it was wrong then, or it is wrong now. If it was ahead and is right
now, this lets the scheduler go on.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, db, err := a.existing(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), "go on from "+a.now().UTC().Format(time.RFC3339)+"?"); err != nil {
				return err
			}
			if err := db.Schedule.ResetClock(cmd.Context(), a.now()); err != nil {
				return err
			}
			return a.done("the scheduler goes on from now")
		},
	}
	a.yesFlag(cmd)
	return cmd
}

// existing opens the database, which must be there.
func (a *app) existing(ctx context.Context) (*wiring, *assembly.Database, error) {
	w, err := a.wire()
	if err != nil {
		return nil, nil, err
	}
	db, err := w.Database(ctx, assembly.NeedsDatabase)
	return w, db, err
}

func (a *app) nextSlots(n int) error {
	w, err := a.wire()
	if err != nil {
		return err
	}
	s := w.sched
	for _, warning := range s.Warnings() {
		a.say("%s", warning)
	}
	rows := []api.Slot{}
	for _, slot := range s.Next(a.now(), n) {
		row := api.Slot{Week: slot.Week.String(), Send: slot.At}
		if at, ok := s.DraftFor(slot.Week); ok {
			row.Draft = &at
		}
		rows = append(rows, row)
	}
	return a.show(rows, func() error {
		const layout = "Mon 2006-01-02 15:04 MST"
		for _, r := range rows {
			draft := "no draft"
			if r.Draft != nil {
				draft = "draft " + r.Draft.Format(layout)
			}
			a.printf("%s  send %s  %s\n", r.Week, r.Send.Format(layout), draft)
		}
		return nil
	})
}
