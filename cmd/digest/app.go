package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/meter"
)

// An app is what every command has: the streams and the global flags. The parts
// that a command works with are made in wiring.go.
type app struct {
	stdin  io.Reader
	lines  *bufio.Reader // over stdin, for answers
	stdout io.Writer
	stderr *meter.Stream
	now    func() time.Time

	dir        string // -C
	configFile string
	set        []string
	json       bool
	quiet      bool
	noInput    bool
	yes        bool
	serving    bool // this is serve, whose log is its output

	cfg     *config.Config // config()'s
	closers []func()       // of what the command opened
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) *app {
	return &app{stdin: stdin, lines: bufio.NewReader(stdin), stdout: stdout, stderr: &meter.Stream{Out: stderr}, now: now}
}

// close ends what the command opened, last first.
func (a *app) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
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
	src := config.Sources{File: a.configFile, Environ: os.Environ(), Set: a.set}
	if src.File == "" {
		src.File = os.Getenv(config.EnvFile)
	}
	if src.File == "" {
		src.File, src.Optional = "config.yaml", true
	}
	return src
}

// confirm asks before something destructive or outgoing. Without a terminal,
// or with --no-input, --yes must have been given.
func (a *app) confirm(ctx context.Context, question string) error {
	if a.yes {
		return nil
	}
	if a.noInput || !isTerminal(a.stdin) {
		return usage("%s There is no terminal to ask on: say --yes to go ahead", question)
	}
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	line, err := a.answer(ctx)
	if err != nil && line == "" {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return withCode(exitError, fmt.Errorf("nothing was done"))
}

// ask asks for a value, on a terminal only; Enter keeps the one shown.
func (a *app) ask(ctx context.Context, question, now string) (string, error) {
	if a.noInput || a.yes || !isTerminal(a.stdin) {
		return "", nil
	}
	fmt.Fprintf(a.stderr, "%s [%s] ", question, now)
	line, err := a.answer(ctx)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

// answer reads a line from the terminal, until ctx ends: a read cannot be
// interrupted, and its goroutine ends with the process.
func (a *app) answer(ctx context.Context) (string, error) {
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := a.lines.ReadString('\n')
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		fmt.Fprintln(a.stderr)
		return "", ctx.Err()
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// logger makes the structured log on standard error. Only serve logs what goes
// well: other commands say it themselves.
func (a *app) logger(cfg *config.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil || a.quiet {
		level = slog.LevelError
	}
	if !a.serving && level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, opts))
	}
	return slog.New(slog.NewTextHandler(a.stderr, opts))
}
