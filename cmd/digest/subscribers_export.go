package main

import (
	"bufio"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/subscribers"
)

const subscribersExportLong = `Write the list as CSV to standard output, including who is kept off it. Imported into
an empty list it gives the same list, with the same unsubscribe links, and keeps the
same people off; those who were erased, or were never on the list, are in it as
hashes. Keep the file safe: whoever has a token can unsubscribe its reader.

With --suppressed it writes only the hashes of all who are kept off, for another
list that must not mail them either.`

func newSubscribersExportCmd(a *app) *cobra.Command {
	var f subscribers.Filter
	var suppressed bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the list as CSV, with every reader's unsubscribe token",
		Long:  subscribersExportLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFilter(f); err != nil {
				return err
			}
			if suppressed && f != (subscribers.Filter{}) {
				return errSuppressedAlone()
			}
			list, _, err := a.list(cmd.Context(), assembly.NeedsDatabase)
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(a.stdout, 1<<16)
			if suppressed {
				err = list.ExportSuppressed(cmd.Context(), w)
			} else {
				err = list.Export(cmd.Context(), w, f)
			}
			if err != nil {
				return err
			}
			return w.Flush()
		},
	}
	filterFlags(cmd, &f)
	cmd.Flags().BoolVar(&suppressed, "suppressed", false, "write only the hashes of who is kept off the list")
	return cmd
}
