package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
)

const compactLong = `Drop the records of who accepted an edition, for editions sent longer ago than
--older, and keep their counts; failed and unknown deliveries stay. The space is
reused for the next editions. The journals of those weeks are compacted too.

Afterwards 'verify' can prove of such an edition only that its counts add up:
verify first.`

func newCompactCmd(a *app) *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Drop the records of old sends and keep their counts",
		Long:  compactLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 7 {
				return usage("digest compact: --older %d is less than a week", days)
			}
			d, err := a.desk(cmd.Context(), assembly.NeedsDatabase, assembly.Decides)
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), fmt.Sprintf("drop the records of editions sent more than %d days ago?", days)); err != nil {
				return err
			}
			dropped, err := d.Compact(cmd.Context(), a.now().AddDate(0, 0, -days))
			if err != nil {
				return err
			}
			return a.done("%d records dropped", dropped)
		},
	}
	cmd.Flags().IntVar(&days, "older", 90, "editions sent more than this many `DAYS` ago")
	a.yesFlag(cmd)
	return cmd
}
