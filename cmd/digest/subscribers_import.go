package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/meter"
	"verdicts.example/digest/internal/report"
	"verdicts.example/digest/internal/server"
	"verdicts.example/digest/subscribers"
)

const subscribersImportLong = `Read a CSV file with a header: this program's own columns (email, name, status,
categories, created_at, token), or those that listmonk, Mailchimp, Substack, Ghost,
Buttondown, Kit, MailPoet, phpList, beehiiv and Mailtrain export. A file of hashed
suppressions (email_sha256) keeps those addresses off the list.

It first shows what it would do and asks. It is all done or nothing; every line
that is not taken is reported; readers who left or are suppressed are never brought
back; and nobody is mailed. You answer for the consent of the readers you import.

A column that may say who left and is not understood stops the import: rename
it, or leave it out with --ignore-column. listmonk's export of all subscribers does
not say who left: export its subscribers with the status unsubscribed as well, and
import that file first, with --as unsubscribed.

Each import has a number, and --undo takes it back until the next send: readers whom
it added leave the list, unless they have done something since, such as unsubscribe.`

func newSubscribersImportCmd(a *app) *cobra.Command {
	var dry bool
	var undo int64
	var o subscribers.ImportOptions
	cmd := &cobra.Command{
		Use:     "import FILE|-",
		Short:   "Import readers from a CSV file",
		Long:    subscribersImportLong,
		Example: "  digest subscribers import readers.csv\n  digest subscribers import export.csv --yes --json\n  digest subscribers import left.csv --as unsubscribed",
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("undo") {
				return exactArgs()(cmd, args)
			}
			return exactArgs("a FILE, or - for standard input")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("undo") {
				return a.undoImport(cmd.Context(), undo)
			}
			if o.As != "" && !slices.Contains(subscribers.Standings(), o.As) {
				return usage("--as %s: it is active, pending, unsubscribed or suppressed", o.As)
			}
			server.CollectOften(server.ImportGrowth)
			return a.importSubscribers(cmd.Context(), args[0], o, dry)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only show what it would do")
	cmd.Flags().StringArrayVar(&o.Ignore, "ignore-column", nil, "do not read the column `NAME`; repeatable")
	cmd.Flags().StringVar((*string)(&o.As), "as", "", "import every row as `STATUS`, or further off the list where the file says so: unsubscribed, pending or suppressed")
	cmd.Flags().Int64Var(&undo, "undo", 0, "take back the import with the number `BATCH`; until the next send")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) undoImport(ctx context.Context, batch int64) error {
	list, _, err := a.list(ctx, assembly.NeedsDatabase)
	if err != nil {
		return err
	}
	b, err := list.ImportBatch(ctx, batch)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("take back import %d (%s, %s), which added %s?", b.ID, b.Source, b.At.Format(time.DateTime), count(b.LastID-b.FirstID+1, "reader"))
	if err := a.confirm(ctx, question); err != nil {
		return err
	}
	done, err := list.UndoImport(ctx, batch)
	if err != nil {
		return err
	}
	return a.did(done, "import %d is undone: %s removed, %d restored; %d stay, who have done something since",
		batch, count(done.Removed, "reader"), done.Restored, done.Kept)
}

func (a *app) importSubscribers(ctx context.Context, source string, o subscribers.ImportOptions, dry bool) error {
	n := assembly.KeepsDatabase
	if dry {
		n = assembly.OrEmpty
	}
	list, _, err := a.list(ctx, n)
	if err != nil {
		return err
	}
	file, name, err := a.seekable(source)
	if err != nil {
		return err
	}
	defer file.Close()
	o.Source, o.File, o.Dry = "import:"+name, name, true
	if dry || !a.yes {
		r, err := a.importFile(ctx, list, file, o)
		if err != nil {
			return fmt.Errorf("import %s: %w", name, err)
		}
		if dry {
			return a.printImport(r)
		}
		a.sayImport(r)
		if err := a.confirm(ctx, fmt.Sprintf("import %s?", name)); err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	o.Dry = false
	r, err := a.importFile(ctx, list, file, o)
	if err != nil {
		return fmt.Errorf("import %s: nothing was changed: %w", name, err)
	}
	return a.printImport(r)
}

func (a *app) importFile(ctx context.Context, list *subscribers.Service, file *os.File, o subscribers.ImportOptions) (subscribers.ImportReport, error) {
	progress, stop := meter.Reading(a.stderr, a.quiet, file)
	defer stop()
	o.Progress = progress
	return list.Import(ctx, file, o)
}

// seekable opens the file; standard input is copied first, because it is read twice.
func (a *app) seekable(source string) (f *os.File, name string, err error) {
	if source != "-" {
		f, err = os.Open(source)
		return f, filepath.Base(source), err
	}
	if f, err = atomicfile.Spool(a.stdin); err != nil {
		err = fmt.Errorf("read standard input: %w", err)
	}
	return f, "standard input", err
}

// printImport writes the report as data, exit 3 when lines were rejected.
func (a *app) printImport(r subscribers.ImportReport) error {
	if err := a.show(r, func() error { a.sayImport(r); return nil }); err != nil {
		return err
	}
	if len(r.Rejected) > 0 {
		return exit(exitPartly)
	}
	return nil
}

// sayImport says what was not taken, with --quiet too, and what was done.
func (a *app) sayImport(r subscribers.ImportReport) {
	faults := bufio.NewWriter(a.stderr)
	report.Faults(faults, r)
	_ = faults.Flush() // of standard error, as Fprintf is
	report.Import(a.told(), r)
}
