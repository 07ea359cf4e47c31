package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/schedule"
)

const pullLong = `Take the new comparisons of the JSON Feed that comparisons.feed names into the
folder of comparisons, as 'digest serve' does each hour and before a
draft or a send is due.

One pull takes at most 100 comparisons; the next ones take the others.

A comparison whose slug is in the folder is never overwritten: when the feed has
changed it, the change is named, and the folder's file stays. An item that breaks
a rule is named by line; the others are taken.

Exit codes: 3 when something in the feed was wrong.`

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

// puller takes from the configured feed; nil when there is none.
func (w *wiring) puller() *library.Puller {
	c := w.cfg.Comparisons
	if c.Feed == "" {
		return nil
	}
	return &library.Puller{
		Shelf: w.shelf, URL: c.Feed,
		Fetcher: fetch.New(fetch.Options{AllowPrivate: c.AllowPrivate}),
	}
}

func (a *app) pullComparisons(ctx context.Context) error {
	w, err := a.wire()
	if err != nil {
		return err
	}
	p := w.puller()
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
	if a.json {
		out := api.Pull{Taken: []string{}, Changed: []string{}, Known: r.Known, Left: r.Left, Problems: api.Problems(r.Problems)}
		for _, c := range r.Taken {
			out.Taken = append(out.Taken, c.Slug)
		}
		for _, c := range r.Changed {
			out.Changed = append(out.Changed, c.Slug)
		}
		return a.printJSON(out)
	}
	for _, c := range r.Taken {
		a.printf("%s: %s\n", p.Shelf.Folder().Path(c.Slug), c.Title())
	}
	a.say("%s taken, %d known already", count(len(r.Taken), "comparison"), r.Known)
	if r.Left > 0 {
		a.say("%d more are new; pull again to take them", r.Left)
	}
	return nil
}

// poller keeps the folder up to date with the feed while serve runs; nil when
// no feed is set.
func (w *wiring) poller() *library.Poller {
	p := w.puller()
	if p == nil {
		return nil
	}
	return &library.Poller{Puller: p, Due: nextDue(w.sched), Log: w.log, Now: w.app.now}
}

// nextDue gives the next draft or send after an instant.
func nextDue(s *schedule.Schedule) func(time.Time) time.Time {
	return func(after time.Time) time.Time {
		next := s.Next(after, 1)
		if len(next) == 0 {
			return time.Time{}
		}
		if at, ok := s.DraftFor(next[0].Week); ok && at.After(after) {
			return at
		}
		return next[0].At
	}
}
