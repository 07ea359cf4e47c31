package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/demo"
)

const initLong = `Write what a new list starts with into DIR, or the working directory: a commented
config.yaml, a folder comparisons with one example, and a .gitignore. On a terminal
it asks for the site's name and addresses and for the relay; Enter keeps the value
shown. What is there already is left as it is.`

func newInitCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Start a new list: settings, an example, .gitignore",
		Long:    initLong,
		Example: "  digest init weekly",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s takes one folder", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.initList(cmd.Context(), dir)
		},
	}
	a.yesFlag(cmd)
	return cmd
}

func (a *app) initList(ctx context.Context, dir string) error {
	samples, err := demo.Samples(a.now())
	if err != nil {
		return err
	}
	sample, err := samples[0].EncodeYAML()
	if err != nil {
		return err
	}
	var answers config.Answers
	if _, err := os.Stat(config.SettingsIn(dir)); errors.Is(err, fs.ErrNotExist) && !a.yes && a.mayAsk() {
		if answers, err = a.askForSettings(ctx); err != nil {
			return err
		}
	}
	files, err := config.Begin(dir, answers, config.File{Path: samples[0].Slug + ".yaml", Data: sample})
	row := api.Init{Dir: dir, Written: []string{}, Kept: []string{}}
	for _, f := range files {
		if f.Kept {
			row.Kept = append(row.Kept, f.Path)
			a.say("%s is there already, and is kept", f.Path)
		} else {
			row.Written = append(row.Written, f.Path)
			a.say("%s", f.Path)
		}
	}
	if err != nil {
		return err
	}
	at := ""
	if dir != "." {
		at = " -C " + dir
	}
	a.say("\nnext:\n  digest%s preview\n  digest%s subscribers add you@example.org\n  digest%s serve", at, at, at)
	if a.json {
		return a.printJSON(row)
	}
	return nil
}

// askForSettings asks for what is a list's own.
func (a *app) askForSettings(ctx context.Context) (out config.Answers, err error) {
	now := config.Default()
	for _, q := range []struct {
		to            *string
		question, now string
	}{
		{&out.Name, "The site's name:", now.Site.Name},
		{&out.BaseURL, "Its address on the web:", now.Site.BaseURL},
		{&out.PostalAddress, "Your postal address, which the law requires in each mail:", "an example's"},
		{&out.From, "From:", now.Mail.From},
		{&out.Relay, "Your mail relay's host, or mailbox to keep all mail on this machine:", now.SMTP.Host},
	} {
		if *q.to, err = a.prompt.Ask(ctx, q.question, q.now); err != nil {
			return out, err
		}
	}
	return out, nil
}
