package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/workbench"
)

// servePreview shows the preview's pages until the command is interrupted. Each
// page is built anew.
func (a *app) servePreview(ctx context.Context, d *desk.Desk, w edition.Week, r *message.Reader, addr string) error {
	wired, err := a.wire()
	if err != nil {
		return err
	}
	files, err := wired.templates()
	if err != nil {
		return err
	}
	h, err := workbench.New(workbench.Deps{
		Preview: func(ctx context.Context) (workbench.Preview, error) {
			p, err := d.Preview(ctx, w, r)
			if err != nil {
				return workbench.Preview{}, err
			}
			return workbench.Preview{
				Week: w, State: p.State, Slot: p.Plan.Slot.In(wired.sched.Zone()), Mail: p.Rendered, Checks: p.Findings,
				Decisions: p.Selection.Decisions, Problems: p.Problems,
			}, nil
		},
		Templates: files,
		Logger:    wired.log,
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
