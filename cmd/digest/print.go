package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"text/tabwriter"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/spelling"
)

// This file is how commands print. Data goes to standard output: a row, or with
// --json an object; a list, or with --json an array; what may be long, or with
// --json an object a line. What was done is said on standard error.

// say writes a line for a person to standard error, unless --quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// printf writes data to standard output.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.stdout, format, args...) }

// printJSON writes v as data.
func (a *app) printJSON(v any) error {
	enc := encoder(a.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func encoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

// show prints a row: as JSON, or as text writes it.
func (a *app) show(row any, text func() error) error {
	if a.json {
		return a.printJSON(row)
	}
	return text()
}

// showText is show for text that is there already.
func (a *app) showText(row any, text string) error {
	return a.show(row, func() error {
		_, err := io.WriteString(a.stdout, text)
		return err
	})
}

// write is show for what package report writes.
func (a *app) write(row any, text func(io.Writer)) error {
	return a.show(row, func() error { text(a.stdout); return nil })
}

// told is where what is said to a person goes: nowhere with --quiet.
func (a *app) told() io.Writer {
	if a.quiet {
		return io.Discard
	}
	return a.stderr
}

// did says what a command changed; with --json it prints a row of it instead.
func (a *app) did(row any, format string, args ...any) error {
	return a.show(row, func() error {
		a.say(format, args...)
		return nil
	})
}

// done is did for what has no row.
func (a *app) done(format string, args ...any) error {
	return a.did(api.Done{Done: fmt.Sprintf(format, args...)}, format, args...)
}

// didEdition is did for what changed an edition, unless it failed.
func (a *app) didEdition(e edition.Edition, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return a.did(api.NewEdition(e), format, args...)
}

// table prints a list: with --json an array, else a line of tabbed cells each,
// aligned below the head.
func table[T any](a *app, rows []T, head string, cells func(T) string) error {
	if rows == nil {
		rows = []T{} // JSON's [], not null
	}
	return a.show(rows, func() error {
		w := aligned(a.stdout)
		fmt.Fprintln(w, head)
		for _, r := range rows {
			fmt.Fprintln(w, cells(r))
		}
		return w.Flush()
	})
}

// listing prints what may be long, as it comes: with --json an object a line,
// else a line of text each, which is aligned where there is a head.
func listing[T, Row any](a *app, head string, list iter.Seq2[T, error], row func(T) Row, text func(T, Row) string) error {
	w := aligned(a.stdout)
	if head != "" && !a.json {
		fmt.Fprintln(w, head)
	}
	enc := encoder(a.stdout)
	for x, err := range list {
		if err != nil {
			return err
		}
		switch r := row(x); {
		case a.json:
			err = enc.Encode(r)
		case head == "":
			_, err = fmt.Fprintln(a.stdout, text(x, r))
		default:
			_, err = fmt.Fprintln(w, text(x, r))
		}
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

func aligned(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 4, 2, ' ', 0) }

// tabbed joins the cells of a line.
func tabbed(cells ...any) string {
	return strings.TrimSuffix(fmt.Sprintf(strings.Repeat("%v\t", len(cells)), cells...), "\t")
}

// count is "1 reader" or "2 readers".
func count[T int | int64](n T, noun string) string { return spelling.Count(n, noun) }
