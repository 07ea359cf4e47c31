// Package prompt asks a person at a terminal.
//
// The package promises that a question ends with its context: Ctrl-C while it
// waits is an answer.
package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNo is the answer of somebody who does not want it done.
var ErrNo = errors.New("nothing was done")

// A Prompt asks. It is for one goroutine.
type Prompt struct {
	in    io.Reader
	lines *bufio.Reader
	out   io.Writer
}

// New makes a prompt that writes its questions to out.
func New(in io.Reader, out io.Writer) *Prompt {
	return &Prompt{in: in, lines: bufio.NewReader(in), out: out}
}

// HasTerminal reports whether somebody can answer.
func (p *Prompt) HasTerminal() bool { return IsTerminal(p.in) }

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Confirm asks whether to go ahead; anything but yes is ErrNo.
func (p *Prompt) Confirm(ctx context.Context, question string) error {
	fmt.Fprintf(p.out, "%s [y/N] ", question)
	line, err := p.answer(ctx)
	if err != nil && line == "" {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return ErrNo
}

// Ask asks for a value; "" keeps the one shown.
func (p *Prompt) Ask(ctx context.Context, question, now string) (string, error) {
	fmt.Fprintf(p.out, "%s [%s] ", question, now)
	line, err := p.answer(ctx)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

// answer reads a line until ctx ends: a read cannot be interrupted, and its
// goroutine ends with the process.
func (p *Prompt) answer(ctx context.Context) (string, error) {
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := p.lines.ReadString('\n')
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		fmt.Fprintln(p.out)
		return "", ctx.Err()
	}
}
