// Package demo does the whole job once, before somebody's eyes: a reader signs up
// at the real site and confirms, the week's comparisons are picked, rendered,
// checked and sent over SMTP, the send is proved, and the links are tried.
//
// The package promises that it takes no short cut: everything goes through the
// site's own pages, the desk and the mailbox, and a step that does not come out
// as it should is an error.
package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/subscribers"
)

// Parts are what a demo works with, on a server that runs on its stage.
type Parts struct {
	Out     io.Writer
	Stage   *Stage
	Program string // as it was started
	Desk    *desk.Desk
	List    *subscribers.Service
	Now     func() time.Time
}

// A Demo tells what it does, step by step.
type Demo struct {
	Parts
	width  int // columns; lines are broken at words
	colour bool
	week   edition.Week
	mailID string // of the first reader's digest in the mailbox
	digest *mailbox.Message
	token  string // the second reader's
}

// New makes a demo. Its lines are as wide as the terminal, and coloured unless
// NO_COLOR forbids (https://no-color.org).
func New(p Parts) *Demo {
	d := &Demo{Parts: p, width: 80}
	f, ok := p.Out.(*os.File)
	if ok && term.IsTerminal(int(f.Fd())) {
		d.colour = os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			d.width = width
		}
	}
	return d
}

func (d *Demo) base() string { return address(d.Stage.Site) }

// The demo's readers: one signs up, one was added by hand.
const (
	firstReader  = "ada@example.com"
	secondReader = "grace@example.com"
)

// Tell does the job and says so. It ends with the digest in the mailbox and its
// links tried.
func (d *Demo) Tell(ctx context.Context) error {
	fmt.Fprintf(d.Out, "\n%s\n%s\n", d.bold("Weekly AI Tool Verdicts: the whole job, on this machine only"), "in "+d.Stage.Dir)
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"The site is up", d.serve},
		{"A reader signs up, and confirms from their own mailbox", d.signUp},
		{"The week's comparisons are picked, each with a reason", d.pick},
		{"They become a mail, which is checked before it leaves", d.check},
		{"The digest goes out over SMTP", d.send},
		{"Nobody twice, nobody missed: the proof", d.prove},
		{"The links in it work, and only a button changes anything", d.links},
	} {
		fmt.Fprintf(d.Out, "\n%s %s\n", d.mark(), d.bold(step.title))
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// line prints a line, broken at words where it is too long; what goes on is
// indented.
func (d *Demo) line(format string, args ...any) {
	const indent = "  "
	line := indent
	for i, word := range strings.Split(fmt.Sprintf(format, args...), " ") {
		switch {
		case i == 0:
			line += word
		case len(line)+1+len(word) > d.width && strings.TrimSpace(line) != "":
			fmt.Fprintln(d.Out, strings.TrimRight(line, " "))
			line = indent + indent + indent + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(d.Out, line)
}

// WhatNext says where to look.
func (d *Demo) WhatNext() {
	fmt.Fprintf(d.Out, "\n%s\n", d.bold("Look at it"))
	d.line("the mail        %s/mailbox/%s", d.base(), d.mailID)
	d.line("the site        %s", d.base())
	d.line("the archive     %s/archive/%s", d.base(), d.week)
	d.line("for operators   %s", address(d.Stage.Operators))
	fmt.Fprintf(d.Out, "\n%s (in another terminal)\n", d.bold("Try next"))
	for _, command := range []string{"preview", "edition explain", "verify"} {
		d.line("%s -C %s %s", program(d.Program), d.Stage.Dir, command)
	}
	d.line("The preview is the editor's page: the mail at every width, its checks, and why each comparison is in or out.")
	d.line("Sign up with another address on the site: the confirmation is in the mailbox.")
	after := "removes the folder"
	if d.Stage.keep {
		after = fmt.Sprintf("leaves the folder: '%s -C %s serve' goes on from there", program(d.Program), d.Stage.Dir)
	}
	fmt.Fprintf(d.Out, "\nCtrl-C ends it and %s.\n", after)
}

func (d *Demo) bold(s string) string {
	if d.colour {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

func (d *Demo) mark() string {
	if d.colour {
		return "\x1b[32m●\x1b[0m"
	}
	return "●"
}

// get fetches a page of the site and gives its body.
func (d *Demo) get(ctx context.Context, method, url string, body io.Reader, kind string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, "", err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	return resp.StatusCode, string(text), err
}
