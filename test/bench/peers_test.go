package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"verdicts.example/digest/internal/pipeline"
)

var errNoSMTPSource = errors.New("smtp-source is not installed (Debian package postfix)")

// smtpSource sends with Postfix's load generator: one body, no records.
func smtpSource(tb testing.TB, addr string, messages, sessions, size int) (cost, error) {
	tb.Helper()
	path, err := exec.LookPath("/usr/sbin/smtp-source")
	if err != nil {
		return cost{}, errNoSMTPSource
	}
	cmd := exec.Command(path, "-s", strconv.Itoa(sessions), "-l", strconv.Itoa(size), "-m", strconv.Itoa(messages), "-d",
		"-f", "verdicts@example.com", "-t", "reader@example.com", "inet:"+addr)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("smtp-source: %w: %s", err, out)
	}
	took := time.Since(start)
	return cost{Took: took, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Messages: messages, Size: size}, nil
}

// goMail sends as go-mail's documentation does: a message built per reader, all
// of them over one client's connection.
func goMail(tb testing.TB, addr string, messages int) cost {
	tb.Helper()
	return goMailClients(tb, addr, messages, 1)
}

// goMailClients does the same with many clients at once, as a program that has
// gone to that trouble would.
func goMailClients(tb testing.TB, addr string, messages, clients int) cost {
	tb.Helper()
	html, text := sampleMail(tb)
	host, portText, err := net.SplitHostPort(addr)
	fatal(tb, err)
	port, err := strconv.Atoi(portText)
	fatal(tb, err)
	cpu, start := cpuTime(tb), time.Now()
	var wg sync.WaitGroup
	errs := make(chan error, clients)
	for k := range clients {
		wg.Go(func() { errs <- goMailClient(host, port, html, text, k, messages/clients) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		fatal(tb, err)
	}
	return cost{Took: time.Since(start), CPU: cpuTime(tb) - cpu, Messages: messages / clients * clients, Size: len(html) + len(text)}
}

func goMailClient(host string, port int, html, text string, k, n int) error {
	c, err := gomail.NewClient(host, gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("example.com"))
	if err != nil {
		return err
	}
	if err := c.DialWithContext(context.Background()); err != nil {
		return err
	}
	for i := range n {
		m := gomail.NewMsg()
		if err := errors.Join(m.FromFormat("Weekly AI Tool Verdicts", "verdicts@example.com"), m.To(fmt.Sprintf("reader%d-%d@example.com", k, i))); err != nil {
			return err
		}
		m.Subject("This week's verdicts")
		m.SetBodyString(gomail.TypeTextPlain, text)
		m.AddAlternativeString(gomail.TypeTextHTML, html)
		if err := c.Send(m); err != nil {
			return err
		}
	}
	return c.Close()
}

func sampleMail(tb testing.TB) (html, text string) {
	tb.Helper()
	p, _ := newPipeline(tb, outing{addr: "127.0.0.1:9", connections: 1, library: sample, most: 5})
	d, err := p.Draft(context.Background(), p.CurrentWeek())
	fatal(tb, err)
	r := pipeline.SampleReader("verdicts@example.com")
	return r.Fields().HTML(d.Rendered.HTML), r.Fields().Text(d.Rendered.Text)
}
