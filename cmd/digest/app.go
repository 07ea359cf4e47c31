package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/meter"
	"verdicts.example/digest/internal/prompt"
)

// An app is what every command has: the streams and the global flags. The parts
// that a command works with are made by wiring.go; print.go is how it prints.
type app struct {
	stdin  io.Reader
	stdout *meter.Output
	stderr *meter.Stream
	prompt *prompt.Prompt
	now    func() time.Time

	command    *cobra.Command // that ran; nil before
	dir        string         // -C
	configFile string
	set        []string
	node       string
	roles      []string
	json       bool
	quiet      bool
	noInput    bool
	yes        bool
	serving    bool   // this is serve, whose log is its output
	by         string // --by: who does it
	which      string // the week that was taken, said at the end: with an error, standard error is one JSON object

	cfg   *config.Config // config()'s
	wired *wiring        // wire()'s
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) *app {
	s := &meter.Stream{Out: stderr}
	return &app{stdin: stdin, stdout: &meter.Output{Writer: stdout}, stderr: s, prompt: prompt.New(stdin, s), now: now}
}

// keep has the database stay that the command made.
func (a *app) keep() {
	if a.wired != nil {
		a.wired.Keep()
	}
}

// close ends what the command opened.
func (a *app) close() error {
	if a.wired == nil {
		return nil
	}
	return a.wired.Close()
}

// enter goes to the folder of -C.
func (a *app) enter() error {
	if a.dir == "" {
		return nil
	}
	if err := os.Chdir(a.dir); err != nil {
		return usage("-C: %s", err)
	}
	return nil
}

// config reads the settings once.
func (a *app) config() (*config.Config, error) {
	if a.cfg != nil {
		return a.cfg, nil
	}
	cfg, err := config.Load(a.sources())
	if err != nil {
		return nil, err
	}
	a.cfg = cfg
	return cfg, nil
}

// zone is the list's time zone.
func (a *app) zone() (*time.Location, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	return cfg.Location()
}

// sources says where the settings come from: --config, else DIGEST_CONFIG, else
// a config.yaml here, which may be missing.
func (a *app) sources() config.Sources {
	set := a.set
	if a.node != "" {
		set = append(set, "node.name="+a.node)
	}
	if len(a.roles) > 0 {
		set = append(set, "node.roles=["+strings.Join(a.roles, ", ")+"]")
	}
	src := config.Sources{File: a.configFile, Environ: os.Environ(), Set: set}
	if src.File == "" {
		src.File = os.Getenv(config.EnvFile)
	}
	if src.File == "" {
		src.File, src.Optional = "config.yaml", true
	}
	return src
}

// mayAsk reports whether somebody can be asked.
func (a *app) mayAsk() bool { return !a.noInput && a.prompt.HasTerminal() }

// confirm asks before something destructive or outgoing. Without a terminal,
// or with --no-input, --yes must have been given.
func (a *app) confirm(ctx context.Context, question string) error {
	switch {
	case a.yes:
		return nil
	case !a.mayAsk():
		return usage("%s There is no terminal to ask on: say --yes to go ahead", question)
	}
	return a.prompt.Confirm(ctx, question)
}

// logger makes the structured log on standard error. Only serve logs what goes
// well: other commands say it themselves.
func (a *app) logger(cfg *config.Config) *slog.Logger {
	level := cfg.Log.Level.Slog()
	switch {
	case a.quiet:
		level = slog.LevelError
	case !a.serving && level == slog.LevelInfo:
		level = slog.LevelWarn
	}
	return cfg.Log.Logger(a.stderr, level)
}
