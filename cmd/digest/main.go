// Command digest makes and sends the weekly digest "Weekly AI Tool Verdicts".
//
// Output rules: data goes to standard output, everything else to standard
// error; a progress bar only to a terminal; colours only to a terminal and
// never with NO_COLOR. An error is one message that says what is wrong, where,
// and what to do; there are no stack traces. The exit codes are in exit.go.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
	_ "time/tzdata" // the list's time zone must exist on a machine without zone files
)

func main() { os.Exit(process(time.Now)) }

// process is the whole process: a command that ends by itself, or when a signal
// asks it to.
func process(now func() time.Time) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals // somebody does not want to wait; what is in flight is recorded as unknown
		os.Exit(exitInterrupted)
	}()
	return run(ctx, newApp(os.Stdin, os.Stdout, os.Stderr, now), os.Args[1:])
}

func run(ctx context.Context, a *app, args []string) int {
	root := newRootCmd(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	a.command = cmd
	if err == nil {
		err = a.stdout.Err // a full disk, of which a report of many lines does not speak
	}
	if code := codeOf(err); err == nil || code == exitPartly || code == exitNothing {
		a.keep()
	}
	if closed := a.close(); closed != nil {
		err = errors.Join(err, closed)
	}
	a.json = a.json || slices.Contains(args, "--json") // a wrong flag ends the reading of flags
	return a.report(err)
}
