package main

import (
	"fmt"
	"log/slog"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/library"
)

const comparisonsLong = `Comparisons are YAML files, one each, in the folder that comparisons.dir names.
'lint' says what is wrong with them, by file and line; 'import' makes such a file
from a page of the comparison site, 'pull' takes what is new from a feed.`

func newComparisonsCmd(a *app) *cobra.Command {
	return group("comparisons", "List, check and import the content", comparisonsLong,
		newComparisonsListCmd(a), newComparisonsLintCmd(a), newComparisonsImportCmd(a), newComparisonsPullCmd(a))
}

// shelf holds the comparisons, parsed. Only serve, which nobody watches, logs
// what is wrong with them: a command prints it.
func (a *app) shelf(cfg *config.Config) *library.Shelf {
	if a.books == nil {
		log := slog.New(slog.DiscardHandler)
		if a.serving {
			log = a.logger(cfg)
		}
		a.books = library.NewShelf(cfg.Comparisons.Dir, log)
	}
	return a.books
}

// library gives the comparisons as they are on disk now. A folder that is not
// there is an error: an empty digest would hide a wrong path.
func (a *app) library() (comparison.Library, error) {
	cfg, err := a.config()
	if err != nil {
		return comparison.Library{}, err
	}
	s, err := a.shelf(cfg).Refresh()
	if err != nil {
		return comparison.Library{}, fmt.Errorf("comparisons.dir: %w", err)
	}
	return s.Library, nil
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
		RunE: func(*cobra.Command, []string) error {
			lib, err := a.library()
			if err != nil {
				return err
			}
			a.warnProblems(lib.Problems)
			if a.json {
				list := lib.Comparisons
				if list == nil {
					list = []comparison.Comparison{}
				}
				return a.printJSON(list)
			}
			return a.printComparisons(lib.Comparisons)
		},
	}
}

func (a *app) printComparisons(list []comparison.Comparison) error {
	w := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.Published, c.Slug, panelText(c.Tools[0].Panel), panelText(c.Tools[1].Panel))
	}
	return w.Flush()
}

func panelText(p *comparison.Panel) string {
	switch {
	case p == nil:
		return "–"
	case p.Ship != nil && p.Skip != nil:
		return strconv.Itoa(*p.Ship) + " ship / " + strconv.Itoa(*p.Skip) + " skip"
	case p.Percent != nil:
		return strconv.Itoa(*p.Percent) + "% ship"
	}
	return "–"
}

func newComparisonsLintCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lint",
		Short: "Say what is wrong with the comparisons, by file and line",
		Long:  "Check every comparison and print each problem as FILE:LINE: what is wrong.\nExit 6 when there is one.",
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
			if a.json {
				if err := a.printJSON(problemRows(problems)); err != nil {
					return err
				}
			} else {
				for _, p := range problems {
					a.printf("%s\n", p)
				}
			}
			if len(problems) > 0 {
				return exit(exitCheck)
			}
			a.say("%s, nothing wrong", count(len(lib.Comparisons), "comparison"))
			return nil
		},
	}
}

type problemRow struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

func problemRows(problems []comparison.Problem) []problemRow {
	rows := make([]problemRow, len(problems))
	for i, p := range problems {
		rows[i] = problemRow{p.File, p.Line, p.Field, p.Message}
	}
	return rows
}
