package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/workbench"
)

// servePreview serves the workbench until the command is interrupted. Whoever
// sits at the machine is the editor.
func (a *app) servePreview(ctx context.Context, d *desk.Desk, w edition.Week, f previewFlags) error {
	wired, err := a.wire()
	if err != nil {
		return err
	}
	who := workbench.Editor{Name: cmp.Or(f.by, currentUser())}
	roster := editors.NewRoster(wired.cfg.Editors)
	if editor, ok := roster.Find(f.by); ok {
		who.Mail = editor
	} else if len(roster) == 1 {
		who.Mail = roster[0]
	}
	bench, err := wired.Workbench(ctx, d, workbench.Deps{
		Week: w, Reader: f.as,
		Who: func(*http.Request) workbench.Editor { return who },
	})
	if err != nil {
		return err
	}
	ln, err := loopback.Listen(ctx, "preview", f.listen)
	if err != nil {
		return err
	}
	a.say("preview of %s: http://%s", w, ln.Addr())
	a.say("a change shows by itself; Ctrl-C ends it")
	srv := &http.Server{Handler: loopback.Only(bench), ReadHeaderTimeout: 10 * time.Second}
	var running sync.WaitGroup
	running.Go(func() { wired.Shelf().Run(ctx) })
	running.Go(func() { bench.Run(ctx) })
	defer running.Wait()
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
