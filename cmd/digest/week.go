package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/subscribers"
)

// weekArg lets a command take a week, as its argument or by --week.
func (a *app) weekArg(cmd *cobra.Command, week *string) {
	cmd.Flags().StringVar(week, "week", "", "ISO `WEEK`: 2026-W47, W47, last or next; default the edition at hand, which is named")
	cmd.Use += " [WEEK]"
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return usage("%s takes one week", cmd.CommandPath())
		case len(args) == 1 && *week != "":
			return usage("%s: the week is given twice", cmd.CommandPath())
		case len(args) == 1:
			*week = args[0]
		}
		return nil
	}
	cmd.ValidArgsFunction = a.completeWeeks
	_ = cmd.RegisterFlagCompletionFunc("week", a.completeWeeks) // fails for a flag that is not there
}

// completeWeeks gives the recorded weeks, the newest first.
func (a *app) completeWeeks(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := []string{"next", "last"}
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	a.quiet = true // what is said would stand among the words
	d, err := a.desk(cmd.Context(), assembly.MayLackOne, assembly.Decides)
	if err != nil {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := d.Editions(cmd.Context())
	if err != nil {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	for _, e := range list {
		names = append([]string{e.Week.String() + "\t" + string(e.State)}, names...)
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// onWeek is the body of a command about one week: it opens a desk, settles the
// week, and names the week in what fails.
func (a *app) onWeek(named *string, n assembly.Need, purpose assembly.Purpose, choose weekChoice, do deed) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		d, w, err := a.at(cmd.Context(), *named, n, purpose, choose)
		if err != nil {
			return err
		}
		if err := do(cmd.Context(), d, w); err != nil {
			return &weekError{w, err}
		}
		return nil
	}
}

// weekCmd makes a command about one week that takes no other argument.
func (a *app) weekCmd(c *cobra.Command, n assembly.Need, purpose assembly.Purpose, choose weekChoice, do deed) *cobra.Command {
	week := new(string)
	a.weekArg(c, week)
	c.RunE = a.onWeek(week, n, purpose, choose, do)
	return c
}

// completeReaders gives the addresses that begin with what was typed.
func (a *app) completeReaders(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	a.quiet = true
	list, _, err := a.list(cmd.Context(), assembly.NeedsDatabase)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for s, err := range list.List(cmd.Context(), subscribers.Filter{Search: typed, Limit: 100}) {
		if err == nil && strings.HasPrefix(s.Email, typed) {
			names = append(names, s.Email+"\t"+s.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// A deed is what a command does about a week.
type deed func(context.Context, *desk.Desk, edition.Week) error

// A weekError is what failed about a week.
type weekError struct {
	week edition.Week
	err  error
}

func (e *weekError) Error() string {
	text := e.err.Error()
	if strings.Contains(text, e.week.String()) {
		return text
	}
	return e.week.String() + ": " + text
}

func (e *weekError) Unwrap() error { return e.err }

// A weekChoice gives the week where none is named.
type weekChoice func(*desk.Desk, context.Context) (desk.Choice, error)

// at gives the desk and the week that a command is about.
func (a *app) at(ctx context.Context, named string, n assembly.Need, purpose assembly.Purpose, choose weekChoice) (*desk.Desk, edition.Week, error) {
	w, err := a.namedWeek(named)
	if err != nil {
		return nil, w, err
	}
	d, err := a.desk(ctx, n, purpose)
	if err != nil || !w.IsZero() {
		return d, w, err
	}
	c, err := choose(d, ctx)
	if err != nil {
		return nil, w, err
	}
	if which := c.Week.String() + ", which " + c.Why; a.json && !a.mayAsk() {
		a.which = which
	} else {
		a.say("%s", which)
	}
	return d, c.Week, nil
}

// namedWeek parses a week that was given; "" is the zero week.
func (a *app) namedWeek(named string) (edition.Week, error) {
	if named == "" {
		return edition.Week{}, nil
	}
	loc, err := a.zone()
	if err != nil {
		return edition.Week{}, err
	}
	w, err := desk.ParseWeek(named, a.now(), loc)
	if err != nil {
		return w, usage("%s", err)
	}
	return w, nil
}
