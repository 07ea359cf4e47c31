package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
)

const comparisonsLong = `Comparisons are YAML files, one each, in the folder that comparisons.dir names.
'lint' reports what is wrong with them, by file and line; 'import' makes such files
from pages of the comparison site; 'pull' takes new ones from a feed.`

func newComparisonsCmd(a *app) *cobra.Command {
	return group("comparisons", "List, check, import and pull comparisons", comparisonsLong,
		newComparisonsListCmd(a), newComparisonsLintCmd(a), newComparisonsImportCmd(a), newComparisonsPullCmd(a))
}

// library gives the comparisons as they are on disk now.
func (a *app) library() (comparison.Library, error) {
	w, err := a.wire()
	if err != nil {
		return comparison.Library{}, err
	}
	return w.Library()
}

// warnProblems names broken comparisons on standard error.
func (a *app) warnProblems(problems []comparison.Problem) {
	for _, p := range problems {
		a.say("%s", p)
	}
}

func newComparisonsListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the comparisons, newest first",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.wire()
			if err != nil {
				return err
			}
			lib, err := w.Library()
			if err != nil {
				return err
			}
			a.warnProblems(lib.Problems)
			tallies, err := w.Tallies(cmd.Context())
			if err != nil {
				return err
			}
			return table(a, api.Comparisons(lib.Comparisons, tallies), "PUBLISHED\tSLUG\tPANEL 1\tPANEL 2\tREADERS 1\tREADERS 2", func(c api.Comparison) string {
				return tabbed(c.Published, c.Slug, panelText(c.Tools[0].Panel), panelText(c.Tools[1].Panel), readersText(c.Votes[0]), readersText(c.Votes[1]))
			})
		},
	}
}

// readersText is our own readers' votes; an operator sees few ones too.
func readersText(c votes.Count) string { return cmp.Or(wording.Readers(c, 1), "–") }

func panelText(p *comparison.Panel) string {
	if line := wording.VerdictOf(p).Line(); line != "" {
		return line
	}
	return "–"
}

func newComparisonsLintCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lint",
		Short: "Report what is wrong with the comparisons, by file and line",
		Long:  "Check every comparison and print each problem as FILE:LINE: what is wrong.\nExits 6 when there is one.",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			lib, err := a.library()
			if err != nil {
				return err
			}
			now, err := a.listTime()
			if err != nil {
				return err
			}
			problems := lib.Problems
			for _, c := range lib.Comparisons {
				problems = append(problems, c.Lint(now)...)
			}
			err = a.show(api.Problems(problems), func() error {
				for _, p := range problems {
					a.printf("%s\n", p)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				return exit(exitCheck)
			}
			a.say("%s, nothing wrong", count(len(lib.Comparisons), "comparison"))
			return nil
		},
	}
}
