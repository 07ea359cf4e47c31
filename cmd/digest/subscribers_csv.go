package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"verdicts.example/digest/subscribers"
)

const subscribersImportLong = `Read a CSV file with a header: this program's own columns (email, name, status,
categories, created_at, token), or those that listmonk, Mailchimp, Substack, Ghost
and Buttondown export.

It first shows what it would do and asks. It is all done or nothing; every line
that is not taken is reported; who left or is suppressed is never brought back;
and nobody is mailed. You answer for the consent of readers you import.`

func newSubscribersImportCmd(a *app) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:     "import FILE|-",
		Short:   "Bring in readers from a CSV file",
		Long:    subscribersImportLong,
		Example: "  digest subscribers import readers.csv\n  digest subscribers import export.csv --yes --json",
		Args:    exactArgs("a FILE, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importSubscribers(cmd.Context(), args[0], dry)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only show what it would do")
	a.yesFlag(cmd)
	return cmd
}

func (a *app) importSubscribers(ctx context.Context, source string, dry bool) error {
	list, _, err := a.list(ctx, makesDatabase)
	if err != nil {
		return err
	}
	file, name, err := a.seekable(source)
	if err != nil {
		return err
	}
	defer file.Close()
	opts := subscribers.ImportOptions{Source: "import:" + name, Dry: true}
	if dry || !a.yes {
		report, err := list.Import(ctx, file, opts)
		if err != nil {
			return fmt.Errorf("import %s: %w", name, err)
		}
		if dry {
			return a.printImport(report, "would be ")
		}
		a.sayImport(report, "would be ")
		if err := a.confirm(ctx, fmt.Sprintf("import %s?", name)); err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	opts.Dry = false
	report, err := list.Import(ctx, bufio.NewReaderSize(file, 1<<20), opts)
	if err != nil {
		return fmt.Errorf("import %s: nothing was changed: %w", name, err)
	}
	return a.printImport(report, "")
}

// seekable opens the file; standard input is first copied to a temporary file,
// because it is read twice.
func (a *app) seekable(source string) (f *os.File, name string, err error) {
	if source != "-" {
		f, err = os.Open(source)
		return f, filepath.Base(source), err
	}
	f, err = os.CreateTemp("", "digest-import-*")
	if err != nil {
		return nil, "", err
	}
	if err := os.Remove(f.Name()); err != nil { // the open file stays readable
		return nil, "", err
	}
	if _, err := io.Copy(f, a.stdin); err != nil {
		return nil, "", fmt.Errorf("read standard input: %w", err)
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, "standard input", err
}

// printImport writes the report as data, exit 3 when lines were rejected.
func (a *app) printImport(r subscribers.ImportReport, verb string) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		a.sayImport(r, verb)
	}
	if len(r.Rejected) > 0 {
		return exit(exitPartly)
	}
	return nil
}

func (a *app) sayImport(r subscribers.ImportReport, verb string) {
	for _, x := range r.Rejected {
		where := fmt.Sprintf("line %d: ", x.Line)
		if x.Email != "" {
			where += x.Email + ": "
		}
		fmt.Fprintf(a.stderr, "%s%s\n", where, x.Reason)
	}
	a.say("%s %sadded, %d updated, %d unchanged, %s rejected", count(r.Added, "reader"), verb, r.Updated, r.Unchanged, count(len(r.Rejected), "line"))
	for _, column := range r.Ignored {
		a.say("column %q is not used", column)
	}
}

func newSubscribersExportCmd(a *app) *cobra.Command {
	var f subscribers.Filter
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the list as CSV, with every reader's unsubscribe token",
		Long:  "Write the list as CSV to standard output. Imported into an empty list it gives\nthe same list, with the same unsubscribe links. Keep the file safe: whoever has\na token can unsubscribe its reader.",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFilter(f); err != nil {
				return err
			}
			list, _, err := a.list(cmd.Context(), needsDatabase)
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(a.stdout, 1<<16)
			if err := list.Export(cmd.Context(), w, f); err != nil {
				return err
			}
			return w.Flush()
		},
	}
	filterFlags(cmd, &f)
	return cmd
}
