package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/comparison/sitepage"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/library"
)

const importLong = `Read pages of the comparison site (their text or their HTML, in either layout),
or comparisons as YAML or JSON, from files, from a URL, or from standard input
(-), and write each into the comparisons folder.

What a page does not say stays absent: the compact layout names no reviewers, so
reviewer, score and verdict are unknown. A page that cannot be read is an error
that names the line and what was expected there; the others are still imported.

A page carries no date: --published gives it; the default is today.`

type importFlags struct {
	print     bool
	published string
	force     bool
}

func newComparisonsImportCmd(a *app) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:     "import FILE|URL|-...",
		Short:   "Make comparisons from pages of the site",
		Long:    importLong,
		Example: "  digest comparisons import page.txt --published 2026-11-18\n  digest comparisons import page.html --print\n  pbpaste | digest comparisons import - --print --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("%s takes a file, a URL, or - for standard input", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importComparisons(cmd.Context(), args, f)
		},
	}
	cmd.Flags().BoolVar(&f.print, "print", false, "write to standard output instead of the folder")
	cmd.Flags().StringVar(&f.published, "published", "", "publication `DATE` (2026-11-18) or RFC 3339 time; default today")
	cmd.Flags().BoolVar(&f.force, "force", false, "overwrite a comparison of the same name")
	return cmd
}

func (a *app) importComparisons(ctx context.Context, sources []string, f importFlags) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	published, err := a.publishedFlag(f.published)
	if err != nil {
		return err
	}
	var errs []error
	failed := 0
	for i, source := range sources {
		c, err := a.importOne(ctx, cfg, source)
		if err == nil {
			if c.Published.IsZero() || f.published != "" {
				c.Published = published
			}
			if f.print {
				err = a.printComparison(c, i > 0)
			} else {
				err = a.writeComparison(cfg.Comparisons.Dir, c, f.force)
			}
		}
		if errs = append(errs, err); err != nil {
			failed++
		}
	}
	err = errors.Join(errs...)
	if 0 < failed && failed < len(sources) {
		err = withCode(exitPartly, err)
	}
	return err
}

// publishedFlag is the --published date, by default today in the list's zone.
func (a *app) publishedFlag(flag string) (comparison.Published, error) {
	if flag != "" {
		p, err := comparison.ParsePublished(flag)
		if err != nil {
			return p, usage("--published: %s", err)
		}
		return p, nil
	}
	now, err := a.listTime()
	if err != nil {
		return comparison.Published{}, err
	}
	return comparison.ParsePublished(now.Format(time.DateOnly))
}

// listTime is now in the list's zone.
func (a *app) listTime() (time.Time, error) {
	loc, err := a.zone()
	if err != nil {
		return time.Time{}, err
	}
	return a.now().In(loc), nil
}

func (a *app) importOne(ctx context.Context, cfg *config.Config, source string) (comparison.Comparison, error) {
	web := fetch.New(fetch.Options{AllowPrivate: cfg.Comparisons.AllowPrivate})
	name, data, err := library.ReadSource(ctx, web, a.stdin, source)
	if err != nil {
		return comparison.Comparison{}, err
	}
	c, notes, err := sitepage.Import(name, data)
	a.warnProblems(notes)
	return c, err
}

// printComparison writes YAML documents, or with --json one object a line.
func (a *app) printComparison(c comparison.Comparison, more bool) error {
	if a.json {
		return json.NewEncoder(a.stdout).Encode(c)
	}
	out, err := c.EncodeYAML()
	if err != nil {
		return err
	}
	if more {
		a.printf("---\n")
	}
	_, err = a.stdout.Write(out)
	return err
}

// writeComparison writes DIR/SLUG.yaml and says so.
func (a *app) writeComparison(dir string, c comparison.Comparison, force bool) error {
	folder := library.Folder{Dir: dir}
	written, err := folder.Write(c, force)
	switch {
	case errors.Is(err, library.ErrExists):
		return fmt.Errorf("%w; --force overwrites it", err)
	case err != nil:
		return err
	case written:
		return a.done("%s: %s", folder.Path(c.Slug), c.Title())
	}
	return a.done("%s: unchanged", folder.Path(c.Slug))
}
