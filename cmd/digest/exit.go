package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store"
)

// The exit codes that scripts rely on.
const (
	exitDone        = 0
	exitError       = 1
	exitUsage       = 2
	exitPartly      = 3 // some failed, deferred or unknown
	exitNothing     = 4 // nothing to send
	exitNotApproved = 5
	exitCheck       = 6 // a check failed
	exitLocked      = 7 // another sender holds the lock
	exitTryLater    = 75
	exitInterrupted = 130
)

// A codedError carries an exit code with an error. A nil err is silent: the
// command has said all there is to say.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *codedError) Unwrap() error { return e.err }

// exit ends a command with a code after it has said everything itself.
func exit(code int) error { return &codedError{code: code} }

// withCode gives err an exit code.
func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{code: code, err: err}
}

// usage is an error of the command line itself.
func usage(format string, args ...any) error {
	return withCode(exitUsage, fmt.Errorf(format, args...))
}

// report prints err for a person and gives its exit code.
func (a *app) report(err error) int {
	code := codeOf(err)
	var coded *codedError
	if err == nil || errors.As(err, &coded) && coded.err == nil {
		if a.which != "" {
			a.say("%s", a.which)
		}
		return code
	}
	hint := hintFor(err)
	if code == exitUsage && hint == "" {
		hint = a.usageHint()
	}
	if a.json {
		_ = encoder(a.stderr).Encode(api.Error{Error: err.Error(), Code: code, Hint: hint}) // there is nowhere left to say that it failed
		return code
	}
	text := strings.TrimPrefix(strings.TrimSpace(err.Error()), "digest ")
	if hint != "" {
		text += "\n" + hint
	}
	fmt.Fprintln(a.stderr, "digest: "+strings.ReplaceAll(text, "\n", "\n        "))
	return code
}

// usageHint names the help of the command that was wrong.
func (a *app) usageHint() string {
	if a.command == nil || !a.command.HasParent() {
		return "'digest help' lists the commands, 'digest help COMMAND' explains one"
	}
	_, path, _ := strings.Cut(a.command.CommandPath(), " ")
	return "'digest help " + path + "' explains it"
}

func codeOf(err error) int {
	if err == nil {
		return exitDone
	}
	var coded *codedError
	if errors.As(err, &coded) {
		return coded.code
	}
	for _, row := range exitCodes() {
		if errors.Is(err, row.err) {
			return row.code
		}
	}
	return exitError
}

type exitCode struct {
	err  error
	code int
}

// exitCodes maps the packages' sentinel errors to codes, in one place.
func exitCodes() []exitCode {
	return []exitCode{
		{config.ErrFlag, exitUsage},
		{desk.ErrShortHash, exitUsage},
		{edition.ErrEdits, exitUsage},
		{edition.ErrNothing, exitNothing},
		{edition.ErrSent, exitNothing},
		{delivery.ErrNobody, exitNothing},
		{edition.ErrNotApproved, exitNotApproved},
		{edition.ErrChanged, exitNotApproved},
		{pipeline.ErrChecks, exitCheck},
		{pipeline.ErrUnready, exitCheck},
		{delivery.ErrLocked, exitLocked},
		{delivery.ErrLeaseLost, exitLocked},
		{delivery.ErrUnreachable, exitTryLater},
		{delivery.ErrDayLimit, exitTryLater},
		{store.ErrBusy, exitTryLater},
		{syscall.ENOSPC, exitTryLater},
		{syscall.EDQUOT, exitTryLater},
		{delivery.ErrPaused, exitPartly},
		{delivery.ErrCancelled, exitPartly},
		{context.Canceled, exitInterrupted},
	}
}
