package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/subscribers"
)

const subscribersLong = `The list: readers who confirmed, those who have not yet, those who left, and the
addresses that are never mailed. Nobody becomes active except by confirming from
their own mailbox, or on an operator's word (add, import).`

func newSubscribersCmd(a *app) *cobra.Command {
	return group("subscribers", "Manage the readers' list", subscribersLong,
		newSubscribersListCmd(a), newSubscribersShowCmd(a), newSubscribersAddCmd(a), newSubscribersRemoveCmd(a),
		newSubscribersImportCmd(a), newSubscribersExportCmd(a), newSubscribersEraseCmd(a), newSubscribersSuppressCmd(a))
}

// filterFlags adds the flags that pick subscribers.
func filterFlags(cmd *cobra.Command, f *subscribers.Filter) {
	cmd.Flags().StringVar((*string)(&f.Standing), "status", "", "only `STATUS`: active, pending, unsubscribed or suppressed")
	cmd.Flags().StringVar(&f.Search, "search", "", "only addresses and names with `TEXT` in them")
}

func errSuppressedAlone() error {
	return usage("--suppressed lists everybody who is kept off: leave out --status, --search and --limit")
}

func checkFilter(f subscribers.Filter) error {
	if f.Standing == "" || slices.Contains(subscribers.Standings(), f.Standing) {
		return nil
	}
	return usage("--status %s: it is active, pending, unsubscribed or suppressed", f.Standing)
}

func newSubscribersListCmd(a *app) *cobra.Command {
	var f subscribers.Filter
	var suppressed bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the subscribers, or who is kept off the list",
		Long: `List the subscribers in the order in which they were added. With --json, one object a line.

With --suppressed it lists who is never mailed, with the reason: an address that is
not on the list is known by a hash only.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFilter(f); err != nil {
				return err
			}
			if f.Limit < 1 && cmd.Flags().Changed("limit") {
				return usage("digest subscribers list: --limit %d: it is at least 1", f.Limit)
			}
			if suppressed && f != (subscribers.Filter{}) {
				return errSuppressedAlone()
			}
			if suppressed {
				return a.listSuppressed(cmd.Context())
			}
			return a.listSubscribers(cmd, f)
		},
	}
	filterFlags(cmd, &f)
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "list at most `N`")
	cmd.Flags().BoolVar(&suppressed, "suppressed", false, "list who is never mailed, and why")
	return cmd
}

func (a *app) listSubscribers(cmd *cobra.Command, f subscribers.Filter) error {
	list, w, err := a.list(cmd.Context(), assembly.NeedsDatabase)
	if err != nil {
		return err
	}
	err = listing(a, "EMAIL\tSTATUS\tSINCE\tNAME", list.List(cmd.Context(), f),
		func(s subscribers.Subscriber) api.Subscriber { return api.NewSubscriber(s, w.cfg.Site.BaseURL) },
		func(s subscribers.Subscriber, _ api.Subscriber) string {
			return tabbed(s.Email, s.Standing(), s.CreatedAt.Format(time.DateOnly), s.Name)
		})
	if err != nil || a.json {
		return err
	}
	counts, err := list.Counts(cmd.Context())
	if err != nil {
		return err
	}
	a.say("%d active, %d pending, %d unsubscribed, %d suppressed", counts.Active, counts.Pending, counts.Unsubscribed, counts.Suppressed)
	return nil
}

func (a *app) listSuppressed(ctx context.Context) error {
	list, _, err := a.list(ctx, assembly.NeedsDatabase)
	if err != nil {
		return err
	}
	return listing(a, "EMAIL\tSINCE\tREASON\tDETAIL", list.Suppressions(ctx), api.NewSuppressed,
		func(s subscribers.SuppressedAddress, r api.Suppressed) string {
			return tabbed(cmp.Or(r.Email, "sha256:"+r.SHA256[:16]+"…"), r.At.Format(time.DateOnly), s.Reason, r.Detail)
		})
}

func newSubscribersShowCmd(a *app) *cobra.Command {
	var consent bool
	cmd := a.readerCmd(&cobra.Command{
		Use:   "show",
		Short: "Show one subscriber and the record of their consent",
		Long: `Show one subscriber and what is recorded about them. With --consent it prints the
proof of their consent, once for each wording that they agreed to: when they asked
(in the list's time zone), on which page, what it said, and when they confirmed.`,
	}, assembly.NeedsDatabase, func(ctx context.Context, list *subscribers.Service, w *wiring, email string) error {
		s, err := list.Get(ctx, email)
		if err != nil {
			return err
		}
		if consent {
			return a.showConsent(ctx, list, s)
		}
		events, err := list.History(ctx, s.ID)
		if err != nil {
			return err
		}
		row := api.NewSubscriber(s, w.cfg.Site.BaseURL)
		return a.show(api.SubscriberRecord{Subscriber: row, Source: s.Source, History: api.Events(events)}, func() error {
			a.printf("email        %s\nname         %s\nstatus       %s\n%scategories   %s\nsource       %s\nunsubscribe  %s\n",
				row.Email, row.Name, row.Status, paused(s, a.now()), strings.Join(row.Categories, ", "), s.Source, row.UnsubscribeURL)
			for _, e := range events {
				a.printf("%s  %s  %s\n", e.At.Format(time.RFC3339), e.Kind, e.Detail)
			}
			return nil
		})
	})
	cmd.Flags().BoolVar(&consent, "consent", false, "print the proof of their consent")
	return cmd
}

// paused is show's line about a pause, empty for none.
func paused(s subscribers.Subscriber, at time.Time) string {
	if !s.Paused(at) {
		return ""
	}
	return "paused       until " + s.PausedUntil.Format(time.RFC3339) + "\n"
}
