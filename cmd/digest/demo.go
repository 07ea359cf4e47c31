package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/demo"
	"verdicts.example/digest/internal/library"
)

const demoLong = `Do the whole job in one go, on an empty temporary folder and with nothing to set
up: serve the site, sign a reader up through the real endpoint, confirm from the
mailbox, pick and render the week's comparisons, send the digest over SMTP to the
built-in mailbox, and prove it. It says where to look and stays up until Ctrl-C.

The sample comparisons get this week's dates, so that they are new.`

func newDemoCmd(a *app) *cobra.Command {
	var exitAfter, keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The whole job in one go, nothing to set up",
		Long:  demoLong,
		Args:  exactArgs(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), exitAfter, keep) },
	}
	cmd.Flags().BoolVar(&exitAfter, "exit", false, "end after the send; 0 when the digest arrived")
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the temporary folder")
	return cmd
}

func (a *app) demo(ctx context.Context, exitAfter, keep bool) error {
	if a.configFile != "" || a.dir != "" || len(a.set) > 0 {
		return usage("digest demo: takes no settings; it makes its own in a temporary folder")
	}
	dir, err := os.MkdirTemp("", "digest-demo-")
	if err != nil {
		return err
	}
	if !keep {
		defer func() {
			a.close() // the database first
			os.RemoveAll(dir)
		}()
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + ln.Addr().String()
	if err := a.demoSettings(dir, base); err != nil {
		return errors.Join(err, ln.Close())
	}
	if err := a.demoContent(filepath.Join(dir, "comparisons")); err != nil {
		return errors.Join(err, ln.Close())
	}
	svc, err := a.service(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	operators, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	d := demo.New(demo.Parts{
		Out: a.stdout, Colour: isTerminal(a.stdout) && os.Getenv("NO_COLOR") == "", Width: columns(a.stdout),
		Dir: dir, Mailbox: filepath.Join(dir, "data", "mailbox"), Base: base, Operators: "http://" + operators.Addr().String(),
		Program: programName(os.Args[0]), Desk: svc.desk, List: svc.list, Now: a.now,
	})
	return runDemo(ctx, svc, ln, operators, d, exitAfter)
}

// runDemo serves beside the story. The server ends with it, or, when it stays
// up, with the command.
func runDemo(ctx context.Context, svc *service, ln, operators net.Listener, d *demo.Demo, exitAfter bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- svc.Run(ctx, svc.pages, ln, operators) }()
	err := d.Tell(ctx)
	if err == nil && !exitAfter {
		d.WhatNext()
		select {
		case <-ctx.Done():
		case err = <-served: // nobody would look at a dead site
			return err
		}
	}
	stop()
	if serveErr := <-served; err == nil {
		err = serveErr
	}
	return err // cut short, the job is not done: 130
}

// demoSettings makes the settings of the demo: the defaults on a folder of its
// own, with the built-in mailbox.
func (a *app) demoSettings(dir, base string) error {
	file := filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf(`site: {name: Weekly AI Tool Verdicts, base_url: %q, postal_address: "Weekly AI Tool Verdicts, 1 Example Street, Exampleton"}
metrics: ""
mail: {from: "Weekly AI Tool Verdicts <verdicts@example.com>"}
log: {level: error}
`, base)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	a.configFile = file
	return nil
}

// demoContent writes the sample comparisons.
func (a *app) demoContent(dir string) error {
	samples, err := a.samples()
	if err != nil {
		return err
	}
	for _, c := range samples {
		if _, err := (library.Folder{Dir: dir}).Write(c, false); err != nil {
			return err
		}
	}
	return nil
}

// samples are the sample comparisons, moved in time so that the newest is of
// today.
func (a *app) samples() ([]comparison.Comparison, error) {
	lib, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		return nil, err
	}
	if len(lib.Comparisons) == 0 || len(lib.Problems) > 0 {
		return nil, fmt.Errorf("the sample comparisons are broken: %v", lib.Problems)
	}
	today := a.now().UTC().Truncate(24 * time.Hour)
	newest := lib.Comparisons[0].Published.In(time.UTC).Truncate(24 * time.Hour)
	for i, c := range lib.Comparisons {
		day := c.Published.In(time.UTC).Add(today.Sub(newest))
		lib.Comparisons[i].Published = comparison.PublishedOn(day.Year(), day.Month(), day.Day())
	}
	return lib.Comparisons, nil
}

// programName is what starts this program again: what was typed, but for the
// passing binary of "go run".
func programName(arg0 string) string {
	if strings.Contains(arg0, "go-build") {
		return "go run ./cmd/digest"
	}
	return arg0
}

// columns is how wide a terminal is; 80 where there is none.
func columns(stream any) int {
	if f, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
