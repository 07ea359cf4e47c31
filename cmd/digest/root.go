package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/internal/version"
)

const rootLong = `digest makes and sends a weekly digest of AI tool comparisons.

It picks the week's new comparisons, renders them as a mail with inlined CSS, keeps
the readers and their unsubscribe tokens in a database, and sends the digest over
SMTP: nobody twice, nobody missed, and it can be proved.

  digest demo          do the whole job once, with nothing to set up
  digest preview       see what this week's readers will get
  digest serve         run the site, the scheduler and the sender

Exit codes: 0 done, 1 error, 2 usage, 3 partly done, 4 nothing to send,
5 not approved, 6 a check failed, 7 another process is sending, 75 try later.`

func newRootCmd(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "digest",
		Short:         "The weekly digest of AI tool verdicts",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q%s", args[0], meant(cmd, args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.enter() }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%s: %s", strings.TrimSpace(cmd.CommandPath()), flagMistake(err))
	})
	a.flags(root.PersistentFlags())
	root.Version = version.This().String()
	root.SetVersionTemplate("{{.Version}}\n")
	for _, g := range commands(a) {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title + ":"})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	addCompletion(root)
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: "Explain a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage("there is no command %q%s", strings.Join(args, " "), meant(cmd, strings.Join(rest, " ")))
			}
			return cmd.Help()
		},
	})
	return root
}

// flags are those that every command has.
func (a *app) flags(f *pflag.FlagSet) {
	f.StringVarP(&a.dir, "directory", "C", "", "work in `DIR`")
	f.StringVar(&a.configFile, "config", "", "settings `FILE`; default config.yaml")
	f.StringArrayVar(&a.set, "set", nil, "override one setting, as `KEY=VALUE`; repeatable")
	f.StringVar(&a.node, "node", "", "this process's `NAME` among several on one PostgreSQL database (node.name)")
	f.StringSliceVar(&a.roles, "roles", nil, "`ROLES` of serve to run here: web, schedule, send, inbound, courier (node.roles)")
	f.BoolVar(&a.json, "json", false, "print JSON, for scripts")
	f.BoolVar(&a.quiet, "quiet", false, "print nothing but errors")
	f.BoolVar(&a.noInput, "no-input", false, "ask nothing; what needs an answer fails")
}

// flagMistake words what is wrong with a flag without the parser's own words.
func flagMistake(err error) string {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	name, kind := invalid.GetFlag().Name, invalid.GetFlag().Value.Type()
	switch {
	case strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint"):
		kind = "a whole number"
	case kind == "duration":
		kind = "a duration such as 36h"
	case kind == "bool":
		kind = "true or false"
	default:
		return err.Error()
	}
	return fmt.Sprintf("--%s %s: it takes %s", name, invalid.GetValue(), kind)
}

// A section is a group of commands in the help.
type section struct {
	title    string
	commands []*cobra.Command
}

// commands lists every command; each has a file of its own.
func commands(a *app) []section {
	return []section{
		{"Getting started", []*cobra.Command{newInitCmd(a), newDemoCmd(a), newServeCmd(a)}},
		{"Content and editions", []*cobra.Command{newComparisonsCmd(a), newEditionCmd(a), newPreviewCmd(a)}},
		{"Sending", []*cobra.Command{newSendCmd(a), newStatusCmd(a), newVerifyCmd(a), newPauseCmd(a), newResumeCmd(a), newResolveCmd(a), newSettleCmd(a), newInboundCmd(a)}},
		{"Readers", []*cobra.Command{newSubscribersCmd(a)}},
		{"Operations", []*cobra.Command{newDoctorCmd(a), newConfigCmd(a), newScheduleCmd(a), newDKIMCmd(a), newBackupCmd(a), newRestoreCmd(a), newCompactCmd(a), newMigrateCmd(a), newVersionCmd(a)}},
	}
}

// addCompletion adds cobra's command for shells, with usage errors as the others
// have.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd("completion") // an argument: it is made only where there are some
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.GroupID = "Operations"
		holdsOthers(c)
		for _, shell := range c.Commands() {
			shell.Args = exactArgs()
		}
	}
}

// group makes a command that only holds others.
func group(use, short, long string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long}
	cmd.AddCommand(subs...)
	holdsOthers(cmd)
	return cmd
}

// holdsOthers has a command without one of its own show them, and call that a
// usage error, as it does a word that names none of them: cobra would print the
// help and succeed.
func holdsOthers(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("%s has no command %q%s", cmd.CommandPath(), args[0], meant(cmd, args[0]))
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if asJSON, _ := cmd.Flags().GetBool("json"); !asJSON {
			cmd.SetOut(cmd.ErrOrStderr())
			_ = cmd.Help() // the error says the rest
		}
		return usage("%s needs one of its commands", cmd.CommandPath())
	}
}

// meant is the question whether another command of cmd was meant, or "".
func meant(cmd *cobra.Command, word string) string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if name, ok := spelling.Meant(word, names); ok {
		return "; did you mean " + name + "?"
	}
	return ""
}

// exactArgs is cobra.ExactArgs with our usage error.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usage("%s takes %s", cmd.CommandPath(), cmp.Or(strings.Join(names, " and "), "no arguments"))
		}
		return nil
	}
}

// yesFlag adds --yes to a command that asks.
func (a *app) yesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&a.yes, "yes", "y", false, "go ahead without asking")
}
