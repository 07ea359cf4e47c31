package main

import (
	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/subscribers"
)

func newSubscribersAddCmd(a *app) *cobra.Command {
	var in subscribers.NewReader
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add a reader who gave you their consent",
		Long: `Add an active reader, without a confirmation mail: you answer for their consent,
and so it is recorded. Who unsubscribed or is suppressed is not added: they can
come back by the sign-up form.`,
		Args:              exactArgs("an EMAIL"),
		ValidArgsFunction: a.completeReaders,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, w, err := a.list(cmd.Context(), makesDatabase)
			if err != nil {
				return err
			}
			in.Email = args[0]
			s, err := list.Add(cmd.Context(), in)
			if err != nil {
				return err
			}
			return a.did(api.NewSubscriber(s, w.site.BaseURL), "%s is on the list", s.Email)
		},
	}
	cmd.Flags().StringVar(&in.Name, "name", "", "the reader's `NAME`")
	cmd.Flags().StringSliceVar(&in.Categories, "categories", nil, "the `CATEGORIES` that the reader cares for, comma separated; kept with them, the digest is one for all")
	return cmd
}

func newSubscribersRemoveCmd(a *app) *cobra.Command {
	var notify bool
	cmd := &cobra.Command{
		Use:               "remove EMAIL",
		Short:             "Unsubscribe a reader who asked you to",
		Long:              "Unsubscribe a reader. They leave a running send at once, and no import brings\nthem back. To remove all that is known of them, use erase.",
		Args:              exactArgs("an EMAIL"),
		ValidArgsFunction: a.completeReaders,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, w, err := a.list(cmd.Context(), needsDatabase)
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), "unsubscribe "+args[0]+"?"); err != nil {
				return err
			}
			s, err := list.Remove(cmd.Context(), args[0], notify)
			if err != nil {
				return err
			}
			return a.did(api.NewSubscriber(s, w.site.BaseURL), "%s is unsubscribed", s.Email)
		},
	}
	cmd.Flags().BoolVar(&notify, "notify", false, "send the goodbye mail, as the written answer to their request")
	a.yesFlag(cmd)
	return cmd
}

func newSubscribersEraseCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "erase EMAIL",
		Short: "Remove all that is known of a person",
		Long: `Remove a person's data. A hash of the address is kept, so that no import brings
them back; past sends keep them as a number. This cannot be undone.`,
		Args:              exactArgs("an EMAIL"),
		ValidArgsFunction: a.completeReaders,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, _, err := a.list(cmd.Context(), needsDatabase)
			if err != nil {
				return err
			}
			if err := a.confirm(cmd.Context(), "erase all that is known of "+args[0]+"? This cannot be undone."); err != nil {
				return err
			}
			found, err := list.Erase(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !found {
				return a.done("%s was not on the list; it is now kept off it", args[0])
			}
			return a.done("%s is erased", args[0])
		},
	}
	a.yesFlag(cmd)
	return cmd
}

func newSubscribersSuppressCmd(a *app) *cobra.Command {
	var lift bool
	var note string
	cmd := &cobra.Command{
		Use:               "suppress EMAIL",
		Short:             "Never mail an address again, or lift that",
		Long:              "Make sure that an address is never mailed, on the list or not. --lift undoes a\nsuppression that was a mistake, such as a bounce of a mailbox that works again.",
		Args:              exactArgs("an EMAIL"),
		ValidArgsFunction: a.completeReaders,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, _, err := a.list(cmd.Context(), needsDatabase)
			if err != nil {
				return err
			}
			if lift {
				if err := list.Lift(cmd.Context(), args[0], note); err != nil {
					return err
				}
				return a.done("%s may be mailed again", args[0])
			}
			if err := a.confirm(cmd.Context(), "never mail "+args[0]+" again?"); err != nil {
				return err
			}
			if err := list.Suppress(cmd.Context(), args[0], subscribers.Manual, note); err != nil {
				return err
			}
			return a.done("%s is suppressed", args[0])
		},
	}
	cmd.Flags().BoolVar(&lift, "lift", false, "undo a suppression")
	cmd.Flags().StringVar(&note, "note", "", "`WHY`, for the record")
	a.yesFlag(cmd)
	return cmd
}
