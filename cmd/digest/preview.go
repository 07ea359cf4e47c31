package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/fetch"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
)

const previewLong = `Show the edition as readers will get it, in the browser: the mail at desktop and
phone width, light and dark, its text part, what the checks say, and why each
comparison is in or out. Reload the page after a change.

  --out DIR   writes digest.html, digest.uninlined.html, digest.txt, digest.eml
              and checks.json instead
  --check     prints the checks; exit 6 when one fails
  --links     also follows the links, to find dead ones

A SpamAssassin daemon on this machine (127.0.0.1:783) is asked for the mail's
score, if one answers.

Works without a database, and changes nothing.`

type previewFlags struct {
	week, out, as, listen string
	check, links          bool
}

func newPreviewCmd(a *app) *cobra.Command {
	var f previewFlags
	cmd := &cobra.Command{
		Use:     "preview",
		Short:   "See what readers will get, and what is wrong with it",
		Long:    previewLong,
		Example: "  digest preview\n  digest preview --week 2026-W47 --out /tmp/w47\n  digest preview --check",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.preview(cmd.Context(), f) },
	}
	weekFlag(cmd, &f.week)
	cmd.Flags().StringVar(&f.out, "out", "", "write files into `DIR`")
	cmd.Flags().StringVar(&f.as, "as", "", "with the values of the reader with this `EMAIL`")
	cmd.Flags().BoolVar(&f.check, "check", false, "print the checks; exit 6 when one fails")
	cmd.Flags().BoolVar(&f.links, "links", false, "follow the links too, to find dead ones")
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "loopback `ADDRESS` of the preview page")
	return cmd
}

func (a *app) preview(ctx context.Context, f previewFlags) error {
	w, err := a.week(f.week)
	if err != nil {
		return err
	}
	p, err := a.previewPipeline(ctx)
	if err != nil {
		return err
	}
	reader, err := a.previewReader(ctx, f.as)
	if err != nil {
		return err
	}
	if f.out == "" && !f.check {
		return a.servePreview(ctx, p, w, reader, f.listen)
	}
	d, err := p.Draft(ctx, w)
	if err != nil {
		return err
	}
	a.warnProblems(d.Problems)
	if d.Selection.Nothing() {
		return withCode(exitNothing, nothingNew(w, d))
	}
	if f.out != "" || f.check {
		d.Findings = append(d.Findings, a.askAround(ctx, d, reader, f.links)...)
	}
	if f.out != "" {
		if err := a.writePreview(f.out, d, reader); err != nil {
			return err
		}
	}
	if f.check {
		return a.reportChecks(d.Findings)
	}
	return nil
}

// spamd is where SpamAssassin's daemon listens by default.
const spamd = "127.0.0.1:783"

// askAround makes the checks that need others: the local spamd, and with links
// the sites that the mail links.
func (a *app) askAround(ctx context.Context, d pipeline.Draft, r *message.Reader, links bool) []check.Finding {
	var out []check.Finding
	if f, ok := check.Spam(ctx, spamd, d.Frozen.Append(nil, r)); ok {
		out = append(out, f)
	}
	if links {
		client := fetch.New(fetch.Options{AllowPrivate: a.cfg.Comparisons.AllowPrivate})
		out = append(out, check.LinksAlive(ctx, client, a.cfg.Site.BaseURL, d.Rendered.HTML)...)
	}
	return out
}

// nothingNew names the candidates' reasons, so that an empty week is no riddle.
func nothingNew(w edition.Week, d pipeline.Draft) error {
	err := fmt.Errorf("there is nothing new for %s", w)
	for i, dec := range d.Selection.Decisions {
		if i == 3 {
			err = fmt.Errorf("%w\n… 'digest edition explain --week %s' goes on", err, w)
			break
		}
		err = fmt.Errorf("%w\n%s: %s", err, dec.Slug, dec.Reason)
	}
	return err
}

// previewReader is the reader whose values fill the mail: a made-up one, or one
// of the list.
func (a *app) previewReader(ctx context.Context, email string) (*message.Reader, error) {
	from, err := a.cfg.FromAddress()
	if err != nil {
		return nil, err
	}
	sample := pipeline.SampleReader(from.Address)
	if email == "" {
		return sample, nil
	}
	_, ok, err := a.existingDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("--as: there is no database yet, so there are no readers")
	}
	list, err := a.list(ctx)
	if err != nil {
		return nil, err
	}
	s, err := list.Get(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("--as %s: %w", email, err)
	}
	return &message.Reader{ID: s.ID, Email: s.Email, Name: s.Name, Token: s.Token.String(), MessageID: sample.MessageID}, nil
}

func (a *app) writePreview(dir string, d pipeline.Draft, r *message.Reader) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	checks, err := json.MarshalIndent(d.Findings, "", "  ")
	if err != nil {
		return err
	}
	files := []struct {
		name string
		data []byte
	}{
		{"digest.html", []byte(r.Fields().HTML(d.Rendered.HTML))},
		{"digest.uninlined.html", []byte(r.Fields().HTML(d.Rendered.Uninlined))},
		{"digest.txt", []byte(r.Fields().Text(d.Rendered.Text))},
		{"digest.eml", d.Frozen.Append(nil, r)},
		{"checks.json", append(checks, '\n')},
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := atomicfile.Write(path, f.data, 0o644); err != nil {
			return err
		}
		a.say("%s  %d bytes", path, len(f.data))
	}
	return nil
}

func (a *app) reportChecks(findings []check.Finding) error {
	if a.json {
		if err := a.printJSON(findings); err != nil {
			return err
		}
	} else {
		a.printFindings(findings)
	}
	if check.Failed(findings) {
		return exit(exitCheck)
	}
	return nil
}
