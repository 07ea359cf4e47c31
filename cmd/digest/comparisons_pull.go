package main

import (
	"context"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/library"
)

const pullLong = `Take the new comparisons of the JSON Feed that comparisons.feed names into the
comparisons folder, as 'digest serve' does each hour and before a draft or a send
is due. One pull takes at most 100; later ones take the rest.

A comparison whose slug is in the folder is never overwritten: when the feed has
changed it, the change is reported, and the folder's file stays. An item that breaks
a rule is reported by line; the others are taken.

Exits 3 when something in the feed was wrong.`

func newComparisonsPullCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "pull",
		Short:   "Take new comparisons from the feed",
		Long:    pullLong,
		Example: "  digest comparisons pull\n  digest comparisons pull --set comparisons.feed=https://example.org/feed.json",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.pullComparisons(cmd.Context()) },
	}
}

func (a *app) pullComparisons(ctx context.Context) error {
	w, err := a.wire()
	if err != nil {
		return err
	}
	p := w.Puller()
	if p == nil {
		return usage("comparisons.feed is not set; name a JSON Feed in the settings or with --set comparisons.feed=URL")
	}
	r, err := p.Pull(ctx)
	if printErr := a.printPull(p, r); err == nil {
		err = printErr
	}
	if err == nil && len(r.Problems) > 0 {
		err = exit(exitPartly)
	}
	return err
}

func (a *app) printPull(p *library.Puller, r library.Report) error {
	a.warnProblems(r.Problems)
	for _, c := range r.Changed {
		a.say("%s: the feed has another %s; the file stays (delete it and pull again to take the feed's)", c.File, c.Slug)
	}
	return a.show(api.NewPull(r), func() error {
		for _, c := range r.Taken {
			a.printf("%s: %s\n", p.Shelf.Folder().Path(c.Slug), c.Title())
		}
		a.say("%s taken, %d known already", count(len(r.Taken), "comparison"), r.Known)
		if r.Left > 0 {
			a.say("%d more are new; pull again to take them", r.Left)
		}
		return nil
	})
}
