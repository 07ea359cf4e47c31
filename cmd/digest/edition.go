package main

import (
	"context"
	"fmt"
	"io"
	"os/user"
	"slices"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
)

const editionLong = `An edition is one week's digest. It is a draft until it is approved or its slot
comes, then sending, then sent; or it is skipped, when there is nothing new.

'explain' says why each comparison is in or out; 'diff' shows what changed between
two builds; an approval holds only for exactly the content that was approved.`

func newEditionCmd(a *app) *cobra.Command {
	cmd := group("edition", "Pick, build and release a week's digest", editionLong,
		newEditionListCmd(a), newEditionShowCmd(a), newEditionBuildCmd(a), newEditionExplainCmd(a), newEditionDiffCmd(a),
		newEditionEditCmd(a), newEditionApproveCmd(a), newEditionHoldCmd(a), newEditionSkipCmd(a), newEditionCancelCmd(a), newEditionAmendCmd(a), newEditionCorrectCmd(a))
	cmd.PersistentFlags().StringVar(&a.by, "by", "", "`NAME` of who does this, for the edition's history; default the user's")
	return cmd
}

func newEditionListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the editions, newest first",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := a.desk(cmd.Context(), assembly.NeedsDatabase, assembly.Decides)
			if err != nil {
				return err
			}
			list, err := d.AndCorrections(cmd.Context())
			if err != nil {
				return err
			}
			rows := api.Editions(list)
			slices.Reverse(rows)
			return table(a, rows, "WEEK\tSTATE\tCOMPARISONS\tSUBJECT", func(r api.Edition) string {
				return tabbed(r.Week, r.State, len(r.Featured), r.Subject)
			})
		},
	}
}

func newEditionShowCmd(a *app) *cobra.Command {
	return a.weekCmd(&cobra.Command{Use: "show", Short: "Show a recorded edition, and who did what to it"},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			e, err := d.Edition(ctx, w)
			if err != nil {
				return err
			}
			p, err := d.Page(ctx, w, e.Hash)
			if err != nil {
				return err
			}
			zone, err := a.zone()
			if err != nil {
				return err
			}
			return a.write(api.NewShownEdition(e, p.Approvals, p.Acts), func(w io.Writer) {
				report.Edition(w, e, zone)
				report.History(w, e, p.Approvals, p.Acts, zone)
			})
		})
}

func (a *app) printEdition(e edition.Edition) error {
	zone, err := a.zone()
	if err != nil {
		return err
	}
	return a.write(api.NewEdition(e), func(w io.Writer) { report.Edition(w, e, zone) })
}

func newEditionBuildCmd(a *app) *cobra.Command {
	cmd := a.weekCmd(&cobra.Command{
		Use:   "build",
		Short: "Pick and render a week's edition and record it",
		Long: `Pick the week's comparisons, render the mail, check it and record the draft. A
past week can be built too. A build that differs from what was approved voids the
approval. Exits 4 when there is nothing to send.`,
	}, assembly.KeepsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		draft, err := d.Pick(ctx, w)
		if err != nil {
			return err
		}
		if err := a.askOverlaps(ctx, d, w, draft.Selection.Featured, "build"); err != nil {
			return err
		}
		e, err := d.Build(ctx, draft)
		if err != nil {
			return err
		}
		a.warnProblems(draft.Problems)
		if err := a.printEdition(e); err != nil {
			return err
		}
		if draft.Selection.Nothing() {
			for _, dec := range draft.Selection.Lost() {
				a.say("%s: %s", dec.Slug, dec.Reason)
			}
			a.say("there is nothing new for %s; 'digest edition explain %s' says why", w, w)
			return exit(exitNothing)
		}
		report.Concerns(a.told(), draft.Findings)
		return nil
	})
	a.yesFlag(cmd)
	return cmd
}

// askOverlaps asks where another open edition holds some of the same
// comparisons: whichever is sent first takes them from the other.
func (a *app) askOverlaps(ctx context.Context, d *desk.Desk, w edition.Week, items []edition.Item, verb string) error {
	overlaps, err := d.Overlaps(ctx, w, items)
	if err != nil || len(overlaps) == 0 {
		return err
	}
	for _, o := range overlaps {
		a.say("%s", o)
	}
	return a.confirm(ctx, fmt.Sprintf("%s %s all the same?", verb, w))
}

func newEditionExplainCmd(a *app) *cobra.Command {
	return a.weekCmd(&cobra.Command{
		Use:   "explain",
		Short: "Say why each comparison is in or out",
		Long:  "Pick the week's comparisons without recording anything, and give the reason for\neach. It works without a database.",
	}, assembly.MayLackOne, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		draft, err := d.Selection(ctx, w)
		if err != nil {
			return err
		}
		audience, err := d.Audience(ctx, draft)
		if err != nil {
			return err
		}
		row := api.Explanation{
			Week: w.String(), Decisions: draft.Selection.Decisions, Broken: api.Problems(draft.Problems),
			Topics: api.NewAudience(audience, draft.Selection.Comparisons),
		}
		return a.write(row, func(out io.Writer) { report.Explanation(out, row.Decisions, draft.Problems, row.Topics) })
	})
}

func newEditionDiffCmd(a *app) *cobra.Command {
	return a.weekCmd(&cobra.Command{Use: "diff", Short: "Show what changed between the last two builds"},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			text, err := d.Changes(ctx, w)
			if err != nil {
				return err
			}
			return a.showText(api.Changes{Week: w.String(), Diff: text}, text)
		})
}

func newEditionApproveCmd(a *app) *cobra.Command {
	var hash string
	cmd := a.weekCmd(&cobra.Command{
		Use:   "approve",
		Short: "Approve the current build for sending",
		Long:  "Approve exactly the content that was built last. A later build with different\ncontent voids the approval.\n\nWhere edition.approvals is 2 or more, --by names the editor who approves.",
	}, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		now, err := d.Edition(ctx, w)
		if err != nil {
			return err
		}
		if err := a.askOverlaps(ctx, d, w, now.Items, "approve"); err != nil {
			return err
		}
		done, err := d.Approve(ctx, w, hash)
		if err == nil {
			err = a.warnOfFailures(ctx, d, w)
		}
		if err == nil && done.Missing > 0 {
			return a.did(api.NewEdition(done.Edition), "edition %s is approved by %s; %s to approve it too", w, report.Approvals(done.By), report.Others(done.Missing))
		}
		return a.didEdition(done.Edition, err, "edition %s is approved: %s", w, done.Edition.Subject)
	})
	a.yesFlag(cmd)
	cmd.Flags().StringVar(&hash, "hash", "", "approve only while the build has this `HASH` (at least 8 characters)")
	return cmd
}

// warnOfFailures names the failed checks of an edition that somebody approves: it
// does not go out before they are fixed.
func (a *app) warnOfFailures(ctx context.Context, d *desk.Desk, w edition.Week) error {
	draft, err := d.Draft(ctx, w)
	if err != nil {
		return err
	}
	for _, f := range draft.Findings {
		if f.Level == check.Fail {
			a.say("it can't be sent yet: %s: %s; %s", f.Check, f.Detail, f.Fix)
		}
	}
	return nil
}

func currentUser() string {
	if u, err := user.Current(); err == nil && u.Uid != "0" {
		return u.Username
	}
	return "operator"
}

func newEditionHoldCmd(a *app) *cobra.Command {
	return a.weekCmd(&cobra.Command{Use: "hold", Short: "Keep an edition from being sent until it is approved"},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			e, err := d.Hold(ctx, w)
			return a.didEdition(e, err, "edition %s is held; 'digest edition approve %s' releases it", w, w)
		})
}

func newEditionSkipCmd(a *app) *cobra.Command {
	cmd := a.weekCmd(&cobra.Command{Use: "skip", Short: "Leave a week out and keep its content for the next"},
		assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
			if e, err := d.Edition(ctx, w); err == nil {
				if _, err := e.Skip("", a.now()); err != nil {
					return err
				}
			}
			if err := a.confirm(ctx, fmt.Sprintf("leave out %s?", w)); err != nil {
				return err
			}
			e, err := d.Skip(ctx, w)
			return a.didEdition(e, err, "edition %s is skipped; its comparisons stay candidates", w)
		})
	a.yesFlag(cmd)
	return cmd
}

func newEditionCancelCmd(a *app) *cobra.Command {
	cmd := a.weekCmd(&cobra.Command{
		Use:   "cancel",
		Short: "Cancel an edition for good, even in mid-send",
		Long:  "Cancel an edition. In mid-send, readers who have not been mailed yet will not be;\nmail that is on its way cannot be recalled. Cancelling cannot be undone.",
	}, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		e, err := d.Edition(ctx, w)
		if err != nil {
			return err
		}
		if _, err := e.Cancel(a.now()); err != nil {
			return err
		}
		if err := a.confirm(ctx, fmt.Sprintf("cancel edition %s (%s)? This cannot be undone.", w, e.State)); err != nil {
			return err
		}
		e, err = d.Cancel(ctx, w)
		return a.didEdition(e, err, "edition %s is cancelled", w)
	})
	a.yesFlag(cmd)
	return cmd
}
