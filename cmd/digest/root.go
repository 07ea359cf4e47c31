package main

import (
	"strings"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/spelling"
)

const rootLong = `digest makes and sends a weekly digest of AI tool comparisons.

It picks the week's new comparisons, renders them into a mail with the CSS
inlined, keeps the readers and their unsubscribe tokens in SQLite, and sends the
digest over SMTP: nobody twice, nobody missed, and it can be proved.

  digest demo          the whole job in one go, nothing to set up
  digest preview       what this week's readers will get
  digest serve         the site, the scheduler and the sender

Exit codes: 0 done, 1 error, 2 usage, 3 partly done, 4 nothing to send,
5 not approved, 6 a check failed, 7 another sender is at work, 75 try later.`

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
		return usage("%s: %s", strings.TrimSpace(cmd.CommandPath()), err)
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.dir, "directory", "C", "", "work in `DIR`")
	f.StringVar(&a.configFile, "config", "", "settings `FILE` (default config.yaml)")
	f.StringArrayVar(&a.set, "set", nil, "override one setting, as `KEY=VALUE` (repeatable)")
	f.BoolVar(&a.json, "json", false, "print JSON for scripts")
	f.BoolVar(&a.quiet, "quiet", false, "say nothing but errors")
	f.BoolVar(&a.noInput, "no-input", false, "never ask")
	root.AddCommand(commands(a)...)
	root.CompletionOptions.HiddenDefaultCmd = false
	return root
}

// commands lists every command; each has a file of its own.
func commands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newDemoCmd(a),
		newServeCmd(a),
		newPreviewCmd(a),
		newSendCmd(a),
		newStatusCmd(a),
		newVerifyCmd(a),
		newPauseCmd(a),
		newResumeCmd(a),
		newResolveCmd(a),
		newComparisonsCmd(a),
		newEditionCmd(a),
		newSubscribersCmd(a),
		newScheduleCmd(a),
		newDKIMCmd(a),
		newBackupCmd(a),
		newCompactCmd(a),
		newMigrateCmd(a),
		newConfigCmd(a),
		newVersionCmd(a),
	}
}

// group makes a command that only holds others. A word that names none of them
// is a usage error, where cobra would print the help and succeed.
func group(use, short, long string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  long,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("%s has no command %q%s", cmd.CommandPath(), args[0], meant(cmd, args[0]))
			}
			return usage("%s needs one of its commands", cmd.CommandPath())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subs...)
	return cmd
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
			return usage("%s takes %s", cmd.CommandPath(), argList(names))
		}
		return nil
	}
}

func argList(names []string) string {
	if len(names) == 0 {
		return "no arguments"
	}
	return strings.Join(names, " and ")
}

// yesFlag adds --yes to a command that asks.
func (a *app) yesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&a.yes, "yes", "y", false, "go ahead without asking")
}
