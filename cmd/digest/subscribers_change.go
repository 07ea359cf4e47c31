package main

import (
	"context"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/subscribers"
)

// readerCmd makes a command about one EMAIL.
func (a *app) readerCmd(c *cobra.Command, n assembly.Need, do func(ctx context.Context, list *subscribers.Service, w *wiring, email string) error) *cobra.Command {
	c.Use += " EMAIL"
	c.Args = exactArgs("an EMAIL")
	c.ValidArgsFunction = a.completeReaders
	c.RunE = func(cmd *cobra.Command, args []string) error {
		list, w, err := a.list(cmd.Context(), n)
		if err != nil {
			return err
		}
		return do(cmd.Context(), list, w, args[0])
	}
	return c
}

func newSubscribersAddCmd(a *app) *cobra.Command {
	var in subscribers.NewReader
	cmd := a.readerCmd(&cobra.Command{
		Use:   "add",
		Short: "Add a reader who gave you their consent",
		Long: `Add an active reader, without a confirmation mail: you answer for their consent,
and that is recorded. Nobody who unsubscribed or is suppressed is added: they can
come back through the sign-up form.`,
	}, assembly.KeepsDatabase, func(ctx context.Context, list *subscribers.Service, w *wiring, email string) error {
		in.Email = email
		s, err := list.Add(ctx, in)
		if err != nil {
			return err
		}
		return a.did(api.NewSubscriber(s, w.cfg.Site.BaseURL), "%s is on the list", s.Email)
	})
	cmd.Flags().StringVar(&in.Name, "name", "", "the reader's `NAME`")
	cmd.Flags().StringSliceVar(&in.Categories, "categories", nil, "`CATEGORIES` that interest the reader, separated by commas; default all")
	return cmd
}

func newSubscribersRemoveCmd(a *app) *cobra.Command {
	var notify bool
	cmd := a.readerCmd(&cobra.Command{
		Use:   "remove",
		Short: "Unsubscribe a reader who asked you to",
		Long:  "Unsubscribe a reader. They leave a running send at once, and no import brings\nthem back. To remove all that is known about them, use erase.",
	}, assembly.NeedsDatabase, func(ctx context.Context, list *subscribers.Service, w *wiring, email string) error {
		if err := a.confirm(ctx, "unsubscribe "+email+"?"); err != nil {
			return err
		}
		s, err := list.Remove(ctx, email, notify)
		if err != nil {
			return err
		}
		return a.did(api.NewSubscriber(s, w.cfg.Site.BaseURL), "%s is unsubscribed", s.Email)
	})
	cmd.Flags().BoolVar(&notify, "notify", false, "send the goodbye mail, as a written answer to their request")
	a.yesFlag(cmd)
	return cmd
}

func newSubscribersEraseCmd(a *app) *cobra.Command {
	cmd := a.readerCmd(&cobra.Command{
		Use:   "erase",
		Short: "Remove all that is known about a person",
		Long: `Remove a person's data. Only a hash of the address is kept, so that no import brings
them back; past sends keep them as a number. This cannot be undone.`,
	}, assembly.NeedsDatabase, func(ctx context.Context, list *subscribers.Service, _ *wiring, email string) error {
		if err := a.confirm(ctx, "erase all that is known of "+email+"? This cannot be undone."); err != nil {
			return err
		}
		found, err := list.Erase(ctx, email)
		if err != nil {
			return err
		}
		if !found {
			return a.done("%s was not on the list; it is now kept off it", email)
		}
		return a.done("%s is erased", email)
	})
	a.yesFlag(cmd)
	return cmd
}

func newSubscribersSuppressCmd(a *app) *cobra.Command {
	var lift bool
	var note string
	cmd := a.readerCmd(&cobra.Command{
		Use:   "suppress",
		Short: "Never mail an address again, or lift that",
		Long:  "Make sure that an address is never mailed, on the list or not. --lift undoes a\nsuppression that was a mistake, such as a bounce from a mailbox that works again.",
	}, assembly.NeedsDatabase, func(ctx context.Context, list *subscribers.Service, _ *wiring, email string) error {
		if lift {
			if err := list.Lift(ctx, email, note); err != nil {
				return err
			}
			return a.done("%s may be mailed again", email)
		}
		if err := a.confirm(ctx, "never mail "+email+" again?"); err != nil {
			return err
		}
		if err := list.Suppress(ctx, email, subscribers.Manual, note); err != nil {
			return err
		}
		return a.done("%s is suppressed", email)
	})
	cmd.Flags().BoolVar(&lift, "lift", false, "undo a suppression")
	cmd.Flags().StringVar(&note, "note", "", "`WHY`, for the record")
	a.yesFlag(cmd)
	return cmd
}
