package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/meter"
	"verdicts.example/digest/internal/store/transfer"
)

const migrateLong = `Check the database's integrity and bring its schema up to date. Every command does
this when it opens the database; without --to this one does nothing else.

With --to the list moves to another database: from an SQLite file to PostgreSQL
(postgres://USER@HOST:PORT/NAME?sslmode=verify-full) or back to a file. Everything
goes with it, including the secret, so that the links in mailboxes keep working. Stop
'digest serve' everywhere first. The database that the list leaves is kept but
closed: commands refuse it from then on. A move that was cut off goes on when the
same command is run again; until it is finished, --stay gives it up.`

type migrateFlags struct {
	to, passwordFile string
	dry, stay        bool
}

func newMigrateCmd(a *app) *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date, or move the list to another database",
		Long:  migrateLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.stay && f.to != "":
				return usage("digest migrate: --stay gives a move up, --to goes on with it; take one of them")
			case f.stay:
				return a.stay(cmd.Context())
			case f.to != "":
				return a.move(cmd.Context(), f)
			case f.dry || f.passwordFile != "":
				return usage("digest migrate: --dry-run and --password-file go with --to")
			}
			_, db, err := a.existing(cmd.Context())
			if err != nil {
				return err
			}
			return a.done("%s is up to date", db.Name)
		},
	}
	cmd.Flags().StringVar(&f.to, "to", "", "move the list to the database at `URL`, or to a new file")
	cmd.Flags().StringVar(&f.passwordFile, "password-file", "", "`FILE` with the password for the server at --to")
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "only check whether the list can be moved, and count it")
	cmd.Flags().BoolVar(&f.stay, "stay", false, "give up a move that was cut off: the list stays where it is")
	a.yesFlag(cmd)
	return cmd
}

// move counts, asks, and moves the list.
func (a *app) move(ctx context.Context, f migrateFlags) error {
	w, err := a.wire()
	if err != nil {
		return err
	}
	to := assembly.MoveTarget{Database: f.to}
	if f.passwordFile != "" {
		password, err := os.ReadFile(f.passwordFile)
		if err != nil {
			return err
		}
		to.Password = strings.TrimRight(string(password), "\r\n")
	}
	found, err := w.Move(ctx, to, transfer.Options{Dry: true})
	if err != nil {
		return err
	}
	if f.dry {
		return a.showMove(found)
	}
	for _, t := range found.Tables {
		if t.Table == "subscribers" {
			a.say("%s has %s", found.From, count(t.Rows, "subscriber"))
		}
	}
	if err := a.confirm(ctx, fmt.Sprintf("move the list (%s) from %s to %s?", count(found.Rows, "row"), found.From, found.To)); err != nil {
		return err
	}
	progress, stop := meter.Counting(a.stderr, a.quiet)
	moved, err := w.Move(ctx, to, transfer.Options{Progress: progress})
	stop()
	if err != nil {
		return err
	}
	a.say("in config.yaml set  database: %s", config.WithoutPassword(f.to))
	if next := w.cfg.DataDirOf(f.to); next != w.cfg.DataDir() {
		a.say("               and  data: %s  (the journals stay where they are)", w.cfg.DataDir())
	}
	return a.showMove(moved)
}

func (a *app) showMove(r transfer.Report) error {
	return a.show(r, func() error {
		for _, t := range r.Tables {
			if t.Rows > 0 {
				a.printf("%-28s %10d\n", t.Table, t.Rows)
			}
		}
		if r.Dry {
			a.say("%s would be moved from %s to %s; nothing was changed", count(r.Rows, "row"), r.From, r.To)
			return nil
		}
		a.say("%s moved to %s, and counted there; %s is closed", count(r.Rows, "row"), r.To, r.From)
		return nil
	})
}

func (a *app) stay(ctx context.Context) error {
	w, err := a.wire()
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, "give up the move, and go on with "+w.cfg.DatabaseName()+"?"); err != nil {
		return err
	}
	to, err := w.Stay(ctx)
	if err != nil {
		return err
	}
	return a.did(api.Done{Done: "the list stays"}, "the list stays in %s; what %s has received is of no use: drop it", w.cfg.DatabaseName(), to)
}
