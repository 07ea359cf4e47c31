package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/config"
)

const initLong = `Write what a new list begins with into DIR, or here: a commented config.yaml, a
folder comparisons with one example, and a .gitignore. On a terminal it asks for
the site's name and addresses and for the relay; Enter keeps what is shown. What is
there already is kept as it is.`

const initIgnore = `# The database holds readers' addresses; keys and passwords belong to nobody else.
/data/
/out/
*.pem
*.password
`

func newInitCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Begin a new list: settings, an example, .gitignore",
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
	samples, err := a.samples()
	if err != nil {
		return err
	}
	sample, err := samples[0].EncodeYAML()
	if err != nil {
		return err
	}
	settings := filepath.Join(dir, "config.yaml")
	var answers config.Answers
	if _, err := os.Stat(settings); errors.Is(err, fs.ErrNotExist) {
		if answers, err = a.askForSettings(ctx); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "comparisons"), 0o755); err != nil {
		return err
	}
	row := api.Init{Dir: dir, Written: []string{}, Kept: []string{}}
	for _, f := range []struct {
		path string
		data []byte
	}{
		{settings, config.Example(answers)},
		{filepath.Join(dir, "comparisons", samples[0].Slug+".yaml"), sample},
		{filepath.Join(dir, ".gitignore"), []byte(initIgnore)},
	} {
		wrote, err := writeNew(f.path, f.data)
		switch {
		case err != nil:
			return err
		case wrote:
			row.Written = append(row.Written, f.path)
			a.say("%s", f.path)
		default:
			row.Kept = append(row.Kept, f.path)
			a.say("%s is there already, and is kept", f.path)
		}
	}
	if _, err := config.Load(config.Sources{File: settings}); err != nil {
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
		{&out.PostalAddress, "Your postal address, which the law wants in each mail:", "an example's"},
		{&out.From, "From:", now.Mail.From},
		{&out.Relay, "Your mail relay's host, or mailbox to keep all mail on this machine:", now.SMTP.Host},
	} {
		if *q.to, err = a.ask(ctx, q.question, q.now); err != nil {
			return out, err
		}
	}
	return out, nil
}

// writeNew writes a file unless there is one.
func writeNew(path string, data []byte) (wrote bool, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	return true, errors.Join(err, f.Close())
}
