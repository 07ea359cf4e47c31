package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/library"
)

// A Stage is what a demo is done on: a temporary folder with settings and
// comparisons, and two ports of this machine.
type Stage struct {
	Dir             string
	Settings        string // the file
	Site, Operators net.Listener
	keep            bool // the folder stays
}

// NewStage makes a stage: the default settings, with the built-in mailbox, and
// the sample comparisons as if the newest were of today. With keep its folder stays.
func NewStage(today time.Time, keep bool) (*Stage, error) {
	dir, err := os.MkdirTemp("", "digest-demo-")
	if err != nil {
		return nil, err
	}
	s := &Stage{Dir: dir, Settings: filepath.Join(dir, "config.yaml"), keep: keep}
	if err := s.set(today); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stage) set(today time.Time) (err error) {
	if s.Site, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	if s.Operators, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	text := fmt.Sprintf(`site: {name: Weekly AI Tool Verdicts, base_url: %q, postal_address: "Weekly AI Tool Verdicts, 1 Example Street, Exampleton"}
metrics: ""
mail: {from: "Weekly AI Tool Verdicts <verdicts@example.com>"}
log: {level: error}
`, address(s.Site))
	if err := os.WriteFile(s.Settings, []byte(text), 0o600); err != nil {
		return err
	}
	samples, err := Samples(today)
	if err != nil {
		return err
	}
	for _, c := range samples {
		if _, err := (library.Folder{Dir: filepath.Join(s.Dir, "comparisons")}).Write(c, false); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the ports, where no server has done so, and removes the folder unless it
// is to stay.
func (s *Stage) Close() error {
	for _, ln := range []net.Listener{s.Site, s.Operators} {
		if ln != nil {
			_ = ln.Close() // a server that ended has closed it
		}
	}
	if s.keep {
		return nil
	}
	return os.RemoveAll(s.Dir)
}

func address(ln net.Listener) string { return "http://" + ln.Addr().String() }

// Samples are the sample comparisons, moved in time so that the newest is of
// today.
func Samples(today time.Time) ([]comparison.Comparison, error) {
	lib, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		return nil, err
	}
	if len(lib.Comparisons) == 0 || len(lib.Problems) > 0 {
		return nil, fmt.Errorf("the sample comparisons are broken: %v", lib.Problems)
	}
	today = today.UTC().Truncate(24 * time.Hour)
	newest := lib.Comparisons[0].Published.In(time.UTC).Truncate(24 * time.Hour)
	for i, c := range lib.Comparisons {
		day := c.Published.In(time.UTC).Add(today.Sub(newest))
		lib.Comparisons[i].Published = comparison.PublishedOn(day.Year(), day.Month(), day.Day())
	}
	return lib.Comparisons, nil
}

// Run tells the story beside the server. The server ends with it, or, when it
// stays up, with ctx.
func (d *Demo) Run(ctx context.Context, serve func(context.Context) error, stay bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- serve(ctx) }()
	err := d.Tell(ctx)
	if err == nil && stay {
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

// program is what starts this program again: what was typed, but for the passing
// binary of "go run".
func program(arg0 string) string {
	if strings.Contains(arg0, "go-build") {
		return "go run ./cmd/digest"
	}
	return arg0
}
