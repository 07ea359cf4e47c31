package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/journal"
)

const compactLong = `Drop the records of who accepted an edition, of editions that were sent longer ago
than --older, and keep their counts; failed and unknown deliveries stay. The room
is used for the next editions. The journals of those weeks are compacted too.

Afterwards 'verify' can prove of such an edition only that its counts add up:
verify first.`

func newCompactCmd(a *app) *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Drop the records of old sends, and keep their counts",
		Long:  compactLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 7 {
				return usage("digest compact: --older %d is less than a week", days)
			}
			return a.compact(cmd.Context(), a.now().AddDate(0, 0, -days), days)
		},
	}
	cmd.Flags().IntVar(&days, "older", 90, "editions sent more than so many `DAYS` ago")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) compact(ctx context.Context, before time.Time, days int) error {
	db, err := a.openDatabase(ctx)
	if err != nil {
		return err
	}
	journals, err := a.journals()
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, fmt.Sprintf("drop the records of editions sent more than %d days ago?", days)); err != nil {
		return err
	}
	dropped, err := db.CompactDeliveries(ctx, before, a.now())
	if err != nil {
		return err
	}
	list, err := db.Editions().List(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.FinishedAt.IsZero() || e.FinishedAt.After(before) || !e.Frozen() {
			continue
		}
		exists, err := journals.Exists(e.Week.String())
		if err != nil {
			return err
		}
		if !exists {
			continue
		}
		info, err := db.SendInfo(ctx, e.ID)
		if err != nil {
			return err
		}
		if err := journals.Compact(journal.Header{Week: info.Week, Database: info.Database}, true, a.now()); err != nil {
			return err
		}
	}
	a.say("%d records dropped", dropped)
	return nil
}
