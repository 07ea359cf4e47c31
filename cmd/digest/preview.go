package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/report"
)

const previewLong = `Open the editors' desk in the browser: the mail as readers will get it in every
kind of client, what the checks found and where, and what an editor may change: order,
subject, note, quotes, and a comparison that is wrong. A test mail can be sent and the
edition approved there too. A changed comparison or template shows up by itself.

  --out DIR   writes digest.html, digest.uninlined.html, digest.txt, digest.eml
              and checks.json instead
  --check     prints the checks; exits 6 when one fails
  --links     also follows the links, to find dead ones

If a SpamAssassin daemon on this machine (127.0.0.1:783) answers, it is asked for
the mail's score.

It works without a database, for looking and for editing comparisons. Nothing is
changed before you save.`

type previewFlags struct {
	week, out, as, by, listen string
	check, links              bool
}

func newPreviewCmd(a *app) *cobra.Command {
	var f previewFlags
	cmd := &cobra.Command{
		Use:     "preview",
		Short:   "See what readers will get and what is wrong with it",
		Long:    previewLong,
		Example: "  digest preview\n  digest preview --week 2026-W47 --out /tmp/w47\n  digest preview --check",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.preview(cmd.Context(), f) },
	}
	a.weekArg(cmd, &f.week)
	cmd.Flags().StringVar(&f.out, "out", "", "write files into `DIR`")
	cmd.Flags().StringVar(&f.as, "as", "", "show the mail of the reader with this `EMAIL`")
	_ = cmd.RegisterFlagCompletionFunc("as", a.completeReaders) // fails for a flag that is not there
	cmd.Flags().StringVar(&f.by, "by", "", "`NAME` of the editor at the desk; default the user's")
	cmd.Flags().BoolVar(&f.check, "check", false, "print the checks; exits 6 when one fails")
	cmd.Flags().BoolVar(&f.links, "links", false, "follow the links too, to find dead ones")
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "loopback `ADDRESS` of the desk")
	return cmd
}

func (a *app) preview(ctx context.Context, f previewFlags) error {
	d, w, err := a.at(ctx, f.week, assembly.MayLackOne, assembly.Previews, (*desk.Desk).DraftWeek)
	if err != nil {
		return err
	}
	var reader *message.Reader // nil: a made-up one
	if f.as != "" {
		if reader, err = d.Reader(ctx, f.as); err != nil {
			return fmt.Errorf("--as %s: %w", f.as, err)
		}
	}
	if f.out == "" && !f.check {
		return a.servePreview(ctx, d, w, f)
	}
	p, err := d.Preview(ctx, w, reader)
	if err != nil {
		return err
	}
	a.warnProblems(p.Problems)
	if p.Selection.Nothing() {
		return withCode(exitNothing, nothingNew(w, p.Draft))
	}
	others, err := a.askAround(ctx, p, f.links)
	if err != nil {
		return err
	}
	p.Findings = append(p.Findings, others...)
	if f.out != "" {
		written := []api.File{}
		if err := p.WriteFiles(f.out, func(path string, size int) {
			a.say("%s  %d bytes", path, size)
			written = append(written, api.File{File: path, Bytes: size})
		}); err != nil {
			return err
		}
		if a.json && !f.check {
			return a.printJSON(written)
		}
	}
	if f.check {
		return a.reportChecks(p.Findings)
	}
	return nil
}

// spamd is where SpamAssassin's daemon listens by default.
const spamd = "127.0.0.1:783"

// askAround makes the checks that need others: the local spamd, and with links
// the sites that the mail links.
func (a *app) askAround(ctx context.Context, p desk.Preview, links bool) ([]check.Finding, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	var out []check.Finding
	if f, ok := check.Spam(ctx, spamd, p.Message()); ok {
		out = append(out, f)
	}
	if links {
		client := fetch.New(fetch.Options{AllowPrivate: cfg.Comparisons.AllowPrivate})
		out = append(out, check.LinksAlive(ctx, client, cfg.Site.BaseURL, p.Draft.Rendered.HTML)...)
	}
	return out, nil
}

// nothingNew names the candidates' reasons, so that an empty week is no riddle:
// first of those that will not come by themselves.
func nothingNew(w edition.Week, d pipeline.Draft) error {
	err := fmt.Errorf("there is nothing new for %s", w)
	lost := d.Selection.Lost()
	others := slices.DeleteFunc(slices.Clone(d.Selection.Decisions), func(dec edition.Decision) bool { return slices.Contains(lost, dec) })
	for i, dec := range slices.Concat(lost, others) {
		if i == max(3, len(lost)) {
			err = fmt.Errorf("%w\n… 'digest edition explain %s' goes on", err, w)
			break
		}
		err = fmt.Errorf("%w\n%s: %s", err, dec.Slug, dec.Reason)
	}
	return err
}

func (a *app) reportChecks(findings []check.Finding) error {
	err := a.write(findings, func(w io.Writer) { report.Findings(w, findings) })
	if err == nil && check.Failed(findings) {
		err = exit(exitCheck)
	}
	return err
}
