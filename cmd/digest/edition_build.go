package main

import (
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

func newEditionBuildCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Pick and render a week's edition and record it",
		Long: `Pick the week's comparisons, render the mail, check it and record the draft. A
past week can be built too. A build that differs from what was approved voids the
approval. Exit 4 when there is nothing to send.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.week(week)
			if err != nil {
				return err
			}
			p, err := a.pipeline(cmd.Context())
			if err != nil {
				return err
			}
			e, d, err := p.Build(cmd.Context(), w)
			if err != nil {
				return err
			}
			a.warnProblems(d.Problems)
			if err := a.printEdition(e); err != nil {
				return err
			}
			if d.Selection.Nothing() {
				a.say("there is nothing new for %s; 'digest edition explain --week %s' says why", w, w)
				return exit(exitNothing)
			}
			a.sayFindings(d.Findings)
			return nil
		},
	}
	weekFlag(cmd, &week)
	return cmd
}

func newEditionExplainCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Say of every comparison why it is in or out",
		Long:  "Pick the week's comparisons without recording anything, and give the reason for\neach. Works without a database.",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.week(week)
			if err != nil {
				return err
			}
			p, err := a.previewPipeline(cmd.Context())
			if err != nil {
				return err
			}
			d, err := p.Draft(cmd.Context(), w)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(struct {
					Week      string             `json:"week"`
					Decisions []edition.Decision `json:"decisions"`
					Broken    []problemRow       `json:"broken"`
				}{w.String(), d.Selection.Decisions, problemRows(d.Problems)})
			}
			a.printDecisions(d)
			return nil
		},
	}
	weekFlag(cmd, &week)
	return cmd
}

func (a *app) printDecisions(d pipeline.Draft) {
	for _, dec := range d.Selection.Decisions {
		mark := "out"
		if dec.In {
			mark = "in "
		}
		a.printf("%s  %s\n       %s\n", mark, dec.Slug, dec.Reason)
	}
	for _, p := range d.Problems {
		a.printf("out  %s\n       cannot be read: %s\n", p.File, p)
	}
}

func newEditionDiffCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what changed between the last two builds",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.week(week)
			if err != nil {
				return err
			}
			db, err := a.openDatabase(cmd.Context())
			if err != nil {
				return err
			}
			builds, err := db.Editions().Builds(cmd.Context(), w)
			if err != nil {
				return err
			}
			if len(builds) < 2 {
				a.say("edition %s has %d build: nothing to compare", w, len(builds))
				return nil
			}
			a.printf("%s", edition.Diff(builds[1], builds[0]))
			return nil
		},
	}
	weekFlag(cmd, &week)
	return cmd
}

func newEditionApproveCmd(a *app) *cobra.Command {
	var week, hash, by string
	cmd := &cobra.Command{
		Use:   "approve",
		Short: "Approve the current build for sending",
		Long:  "Approve exactly the content that was built last. A later build with other\ncontent voids the approval.",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.recorded(cmd.Context(), week)
			if err != nil {
				return err
			}
			if hash == "" {
				hash = e.Hash
			} else if len(hash) >= 8 && len(hash) < len(e.Hash) && e.Hash[:len(hash)] == hash {
				hash = e.Hash
			}
			if by == "" {
				by = currentUser()
			}
			e, err = a.db.Editions().Change(cmd.Context(), e.Week, func(e edition.Edition) (edition.Edition, error) {
				return e.Approve(hash, by)
			})
			if err != nil {
				return err
			}
			a.say("edition %s is approved: %s", e.Week, e.Subject)
			return nil
		},
	}
	weekFlag(cmd, &week)
	cmd.Flags().StringVar(&hash, "hash", "", "only when the build is still this `HASH` (at least 8 characters)")
	cmd.Flags().StringVar(&by, "by", "", "`NAME` of who approves; default the user's")
	return cmd
}

func currentUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "operator"
}

func newEditionHoldCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "hold",
		Short: "Keep an edition from being sent until it is approved",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.recorded(cmd.Context(), week)
			if err != nil {
				return err
			}
			if _, err := a.db.Editions().Change(cmd.Context(), e.Week, edition.Edition.Hold); err != nil {
				return err
			}
			a.say("edition %s is held; 'digest edition approve --week %s' releases it", e.Week, e.Week)
			return nil
		},
	}
	weekFlag(cmd, &week)
	return cmd
}

func newEditionCancelCmd(a *app) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "cancel",
		Short: "Cancel an edition for good, in mid-send too",
		Long:  "Cancel an edition. In mid-send, who has not been mailed yet will not be; what is\non its way cannot be called back. Cancelling cannot be undone.",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := a.recorded(cmd.Context(), week)
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), fmt.Sprintf("cancel edition %s (%s)? This cannot be undone.", e.Week, e.State)); err != nil {
				return err
			}
			_, err = a.db.Editions().Change(cmd.Context(), e.Week, func(e edition.Edition) (edition.Edition, error) {
				return e.Cancel(a.now())
			})
			if err != nil {
				return err
			}
			a.say("edition %s is cancelled", e.Week)
			return nil
		},
	}
	weekFlag(cmd, &week)
	a.yesFlag(cmd)
	return cmd
}
