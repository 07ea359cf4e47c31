package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/workbench"
	"verdicts.example/digest/templates"
)

// servePreview shows the preview's pages until the command is interrupted. Each
// page is built anew.
func (a *app) servePreview(ctx context.Context, p *pipeline.Pipeline, w edition.Week, r *message.Reader, addr string) error {
	files, err := templates.Overlay(a.cfg.Templates)
	if err != nil {
		return err
	}
	h, err := workbench.New(workbench.Deps{
		Preview:   func(ctx context.Context) (workbench.Preview, error) { return a.previewPage(ctx, p, w, r) },
		Templates: files,
		Logger:    a.logger(a.cfg),
	})
	if err != nil {
		return err
	}
	ln, err := loopback.Listen(ctx, "preview", addr)
	if err != nil {
		return err
	}
	a.say("preview of %s: http://%s", w, ln.Addr())
	a.say("reload the page after a change; Ctrl-C ends it")
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// previewPage builds what one page shows. Templates are parsed again, so that an
// edit of theirs shows too.
func (a *app) previewPage(ctx context.Context, p *pipeline.Pipeline, w edition.Week, r *message.Reader) (workbench.Preview, error) {
	files, err := templates.Overlay(a.cfg.Templates)
	if err != nil {
		return workbench.Preview{}, err
	}
	fresh := *p
	if fresh.Renderer, err = render.New(files, p.Settings.Site); err != nil {
		return workbench.Preview{}, err
	}
	d, err := fresh.Draft(ctx, w)
	if err != nil {
		return workbench.Preview{}, err
	}
	view := workbench.Preview{
		Week: w, Slot: d.Plan.Slot.In(p.Settings.Calendar.Zone), Mail: d.Rendered, Checks: d.Findings,
		Decisions: d.Selection.Decisions, Problems: d.Problems,
	}
	view.Mail.HTML = r.Fields().HTML(d.Rendered.HTML)
	view.Mail.Uninlined = r.Fields().HTML(d.Rendered.Uninlined)
	view.Mail.Text = r.Fields().Text(d.Rendered.Text)
	if p.Archive != nil {
		e, err := p.Archive.Find(ctx, w)
		if err != nil && !errors.Is(err, edition.ErrNotFound) {
			return workbench.Preview{}, err
		}
		view.State = e.State
	}
	return view, nil
}
