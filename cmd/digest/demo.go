package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailbox"
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
	if a.configFile != "" || len(a.set) > 0 {
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
	return a.runDemo(ctx, svc, ln, &demo{a: a, out: a.stdout, dir: dir, mailbox: filepath.Join(dir, "data", "mailbox"), base: base, service: svc}, exitAfter)
}

// runDemo serves beside the story. The server ends with it, or, when it stays
// up, with the command.
func (a *app) runDemo(ctx context.Context, svc *service, ln net.Listener, d *demo, exitAfter bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- svc.run(ctx, ln, nil) }()
	err := d.tell(ctx)
	if err == nil && !exitAfter {
		d.whatNext()
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

// demoContent writes the sample comparisons, moved in time so that the newest
// is of today.
func (a *app) demoContent(dir string) error {
	lib, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		return err
	}
	if len(lib.Comparisons) == 0 || len(lib.Problems) > 0 {
		return fmt.Errorf("the sample comparisons are broken: %v", lib.Problems)
	}
	today := a.now().UTC().Truncate(24 * time.Hour)
	newest := lib.Comparisons[0].Published.In(time.UTC).Truncate(24 * time.Hour)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, c := range lib.Comparisons {
		day := c.Published.In(time.UTC).Add(today.Sub(newest))
		c.Published = comparison.PublishedOn(day.Year(), day.Month(), day.Day())
		out, err := c.EncodeYAML()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, c.Slug+".yaml"), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A demo tells what it does, step by step.
type demo struct {
	a       *app
	out     io.Writer
	dir     string
	mailbox string // where the built-in mailbox keeps its messages
	base    string
	service *service
	week    edition.Week
	mailID  string // of the first reader's digest in the mailbox
	digest  *mailbox.Message
	token   string // the second reader's
}

// The demo's readers: one signs up, one was added by hand.
const (
	demoReader = "ada@example.com"
	demoSecond = "grace@example.com"
)

// tell does the job and says so. It ends with the digest in the mailbox and its
// links tried.
func (d *demo) tell(ctx context.Context) error {
	fmt.Fprintf(d.out, "\n%s\n%s\n", d.bold("Weekly AI Tool Verdicts: the whole job, on this machine only"), "in "+d.dir)
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
		fmt.Fprintf(d.out, "\n%s %s\n", d.mark(), d.bold(step.title))
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

func (d *demo) line(format string, args ...any) { fmt.Fprintf(d.out, "  "+format+"\n", args...) }

func (d *demo) whatNext() {
	fmt.Fprintf(d.out, "\n%s\n", d.bold("Look at it"))
	d.line("the mail       %s/mailbox/%s", d.base, d.mailID)
	d.line("the site       %s", d.base)
	d.line("the archive    %s/archive/%s", d.base, d.week)
	fmt.Fprintf(d.out, "\n%s (in another terminal)\n", d.bold("Try next"))
	program, config := programName(os.Args[0]), "--config "+filepath.Join(d.dir, "config.yaml")
	d.line("%s preview %s", program, config)
	d.line("%s edition explain %s", program, config)
	d.line("%s verify %s", program, config)
	d.line("sign up with another address on the site: the confirmation is in the mailbox")
	fmt.Fprintf(d.out, "\nCtrl-C ends it and removes the folder.\n")
}

// programName is what starts this program again: what was typed, but for the
// passing binary of "go run".
func programName(arg0 string) string {
	if strings.Contains(arg0, "go-build") {
		return "go run ./cmd/digest"
	}
	return arg0
}

func (d *demo) colours() bool { return isTerminal(d.out) && os.Getenv("NO_COLOR") == "" }

func (d *demo) bold(s string) string {
	if d.colours() {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

func (d *demo) mark() string {
	if d.colours() {
		return "\x1b[32m●\x1b[0m"
	}
	return "●"
}

// get fetches a page of the site and gives its body.
func (d *demo) get(ctx context.Context, method, url string, body io.Reader, kind string) (int, string, error) {
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
