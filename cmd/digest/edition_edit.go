package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/report"
)

const editionEditLong = `Set what an editor decides about a week, as the desk's page does: the order, what is
in or out whatever the rules say, the subject, the preheader, a note above the
comparisons, and which words of a take are quoted. Only the flags that are given
change anything; an empty value goes back to the program's choice. Without a flag
the command prints what is decided.

The next build takes the edits in; this voids an approval of other content.`

type editFlags struct {
	order, pin, out, quotes  []string
	subject, preheader, note string
	clear                    bool
}

func newEditionEditCmd(a *app) *cobra.Command {
	var f editFlags
	var given func(flag string) bool
	cmd := a.weekCmd(&cobra.Command{
		Use:     "edit",
		Short:   "Set a week's order, subject, note and quotes",
		Long:    editionEditLong,
		Example: "  digest edition edit --order quill-vs-inkwell,pen-vs-chalk --subject 'Pens, compared'\n  digest edition edit 2026-W47 --quote 'quill-vs-inkwell:1=It found the breaking change'",
	}, assembly.NeedsDatabase, assembly.Decides, (*desk.Desk).DraftWeek, func(ctx context.Context, d *desk.Desk, w edition.Week) error {
		e, err := d.Edits(ctx, w)
		if err != nil {
			return err
		}
		e, changed, err := e.With(f.changes(given))
		if err != nil {
			return usage("--quote %s", err)
		}
		if changed {
			if e, err = d.SaveEdits(ctx, w, e); err != nil {
				return err
			}
			a.say("saved; 'digest edition build %s' takes it in", w)
		}
		if e.Empty() && !a.json {
			a.say("nothing is decided: the program picks, orders and words")
		}
		return a.write(e, func(out io.Writer) { report.Edits(out, e) })
	})
	fl := cmd.Flags()
	given = fl.Changed
	fl.StringSliceVar(&f.order, "order", nil, "`SLUGS` that come first, in this order")
	fl.StringSliceVar(&f.pin, "pin", nil, "`SLUGS` to include, whatever the rules say")
	fl.StringSliceVar(&f.out, "leave-out", nil, "`SLUGS` to leave out")
	fl.StringVar(&f.subject, "subject", "", "`SUBJECT` of the mail")
	fl.StringVar(&f.preheader, "preheader", "", "`TEXT` that an inbox shows after the subject")
	fl.StringVar(&f.note, "note", "", "`TEXT` of a note above the comparisons")
	fl.StringArrayVar(&f.quotes, "quote", nil, "`SLUG:1=WORDS` to quote from a take on the first tool (2: the second); repeatable")
	fl.BoolVar(&f.clear, "clear", false, "drop all edits")
	return cmd
}

// changes are what the flags that were given say.
func (f editFlags) changes(given func(string) bool) edition.Changes {
	return edition.Changes{
		Clear: f.clear, Quotes: f.quotes,
		Order: when(given("order"), f.order), Pinned: when(given("pin"), f.pin), LeftOut: when(given("leave-out"), f.out),
		Subject: when(given("subject"), f.subject), Preheader: when(given("preheader"), f.preheader), Note: when(given("note"), f.note),
	}
}

func when[T any](given bool, v T) *T {
	if !given {
		return nil
	}
	return &v
}
