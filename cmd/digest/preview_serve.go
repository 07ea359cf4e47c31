package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/workbench"
)

// servePreview serves the workbench until the command is interrupted. Whoever
// sits at the machine is the editor.
func (a *app) servePreview(ctx context.Context, d *desk.Desk, w edition.Week, as, addr string) error {
	wired, err := a.wire()
	if err != nil {
		return err
	}
	user := currentUser()
	mail := ""
	if len(wired.cfg.Editors) == 1 {
		mail = wired.cfg.Editors[0]
	}
	bench, err := wired.Workbench(d, workbench.Deps{
		Week: w, Reader: as,
		Who: func(*http.Request) workbench.Editor { return workbench.Editor{Name: user, Mail: mail} },
	})
	if err != nil {
		return err
	}
	ln, err := loopback.Listen(ctx, "preview", addr)
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
