package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/render"
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
	bench, err := wired.workbench(d, workbench.Deps{
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
	running.Go(func() { wired.shelf.Run(ctx) })
	running.Go(func() { bench.Run(ctx) })
	defer running.Wait()
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// workbench makes the editors' pages over a desk.
func (w *wiring) workbench(d *desk.Desk, in workbench.Deps) (*workbench.Workbench, error) {
	in.Desk, in.Library, in.Logger = d, w.shelf, w.log
	in.Zone, in.Now = w.sched.Zone(), w.app.now
	in.Templates = func() (fs.FS, error) { return w.templates() }
	in.Mails = func() (*render.Renderer, error) { return w.renderer() }
	if w.cfg.Templates != "" {
		in.Watched = append(in.Watched, w.cfg.Templates)
	}
	return workbench.New(in)
}

// A lateDialer connects to the mail server with its first message: a preview
// that sends no test mail needs none.
type lateDialer struct {
	wiring *wiring
	once   sync.Once
	dialer *mailer.Dialer
	err    error
}

// SendOne sends one message.
func (l *lateDialer) SendOne(ctx context.Context, env delivery.Envelope, msg []byte) delivery.Result {
	l.once.Do(func() { l.dialer, l.err = l.wiring.dialer(ctx) })
	if l.err != nil {
		return delivery.Result{Err: l.err}
	}
	return l.dialer.SendOne(ctx, env, msg)
}
