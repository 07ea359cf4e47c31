package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/edition"
)

const editionLong = `An edition is one week's digest. It is a draft until it is approved or its slot
comes, then sending, then sent; or skipped, when there is nothing new.

'explain' says of every comparison why it is in or out; 'diff' shows what changed
between two builds; an approval holds for exactly the content that was approved.`

func newEditionCmd(a *app) *cobra.Command {
	return group("edition", "Pick, build and release a week's digest", editionLong,
		newEditionListCmd(a), newEditionShowCmd(a), newEditionBuildCmd(a), newEditionExplainCmd(a), newEditionDiffCmd(a),
		newEditionApproveCmd(a), newEditionHoldCmd(a), newEditionCancelCmd(a))
}

// weekFlag adds --week to a command.
func weekFlag(cmd *cobra.Command, week *string) {
	cmd.Flags().StringVar(week, "week", "", "ISO `WEEK` such as 2026-W47; default the current one")
}

// week parses a --week flag; "" is the current week in the list's time zone.
func (a *app) week(flag string) (edition.Week, error) {
	if flag != "" {
		w, err := edition.ParseWeek(flag)
		if err != nil {
			return w, usage("--week: %s", err)
		}
		return w, nil
	}
	cfg, err := a.config()
	if err != nil {
		return edition.Week{}, err
	}
	loc, err := cfg.Location()
	if err != nil {
		return edition.Week{}, err
	}
	return edition.WeekOf(a.now().In(loc)), nil
}

// An editionRow is an edition as scripts read it.
type editionRow struct {
	Week     string    `json:"week"`
	State    string    `json:"state"`
	Slot     time.Time `json:"slot"`
	Since    time.Time `json:"since"`
	Cutoff   time.Time `json:"cutoff"`
	Subject  string    `json:"subject"`
	Featured []string  `json:"featured"`
	Carried  []string  `json:"carried"`
	Hash     string    `json:"hash"`
	Approved bool      `json:"approved"`
	Paused   string    `json:"paused,omitempty"`
}

func newEditionRow(e edition.Edition) editionRow {
	return editionRow{
		Week: e.Week.String(), State: string(e.State), Slot: e.Slot, Since: e.Since, Cutoff: e.Cutoff,
		Subject: e.Subject, Featured: slugs(e.Items), Carried: slugs(e.Carried), Hash: e.Hash,
		Approved: e.ApprovedHash != "" && e.ApprovedHash == e.Hash, Paused: e.PauseReason,
	}
}

func slugs(items []edition.Item) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.Slug
	}
	return out
}

func newEditionListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the editions, newest first",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := a.openDatabase(cmd.Context())
			if err != nil {
				return err
			}
			list, err := db.Editions().List(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]editionRow, 0, len(list))
			for i := len(list) - 1; i >= 0; i-- {
				rows = append(rows, newEditionRow(list[i]))
			}
			if a.json {
				return a.printJSON(rows)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", r.Week, r.State, len(r.Featured), r.Subject)
			}
			return w.Flush()
		},
	}
}

func newEditionShowCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show a recorded edition",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.recorded(cmd.Context(), week)
			if err != nil {
				return err
			}
			return a.printEdition(e)
		},
	}
	weekFlag(cmd, &week)
	return cmd
}

// recorded is the edition of a --week flag as the database has it.
func (a *app) recorded(ctx context.Context, flag string) (edition.Edition, error) {
	w, err := a.week(flag)
	if err != nil {
		return edition.Edition{}, err
	}
	db, err := a.openDatabase(ctx)
	if err != nil {
		return edition.Edition{}, err
	}
	e, err := db.Editions().Find(ctx, w)
	if err != nil {
		return edition.Edition{}, noEdition(w, err)
	}
	return e, nil
}

func (a *app) printEdition(e edition.Edition) error {
	row := newEditionRow(e)
	if a.json {
		return a.printJSON(row)
	}
	loc := time.UTC
	if cfg, err := a.config(); err == nil {
		if l, err := cfg.Location(); err == nil {
			loc = l
		}
	}
	a.printf("week      %s\nstate     %s\n", row.Week, row.State)
	if row.Paused != "" {
		a.printf("paused    %s\n", row.Paused)
	}
	a.printf("slot      %s\ncontent   after %s, up to %s\n", stamp(e.Slot, loc), stamp(e.Since, loc), stamp(e.Cutoff, loc))
	if row.Subject != "" {
		a.printf("subject   %s\nhash      %.16s", row.Subject, row.Hash)
		if row.Approved {
			a.printf(" (approved by %s)", e.ApprovedBy)
		}
		a.printf("\n")
	}
	for i, s := range row.Featured {
		a.printf("%2d        %s\n", i+1, s)
	}
	for _, s := range row.Carried {
		a.printf("carried   %s\n", s)
	}
	return nil
}

func stamp(t time.Time, loc *time.Location) string { return t.In(loc).Format("2006-01-02 15:04 MST") }
