package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

const (
	barEvery  = 250 * time.Millisecond // on a terminal
	lineEvery = 10 * time.Second       // elsewhere
	topHosts  = 3
)

// showProgress follows a send on standard error: a bar on a terminal, a line
// now and then elsewhere, nothing with --quiet. stop ends it.
func (a *app) showProgress(p *delivery.Progress) (stop func()) {
	if a.quiet {
		return func() {}
	}
	tty := isTerminal(a.stderr)
	every := lineEvery
	if tty {
		every = barEvery
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				if tty {
					fmt.Fprint(a.stderr, "\r\x1b[K")
				}
				return
			case <-ticker.C:
				a.drawProgress(p.Snapshot(a.now(), topHosts), tty)
			}
		}
	}()
	return func() { close(quit); <-done }
}

func (a *app) drawProgress(s delivery.Snapshot, tty bool) {
	if !tty {
		fmt.Fprintln(a.stderr, progressText(s))
		return
	}
	fmt.Fprint(a.stderr, "\r\x1b[K"+progressBar(s, terminalWidth(a.stderr)))
}

// progressText is one plain line.
func progressText(s delivery.Snapshot) string {
	c := s.Counts
	text := fmt.Sprintf("%d/%d  %s", c.Total()-c.Open(), c.Total(), outcomes(c))
	if s.Rate > 0 {
		text += fmt.Sprintf("  %.0f/s", s.Rate)
	}
	if s.Left > 0 {
		text += "  " + s.Left.Round(time.Second).String() + " left"
	}
	for _, d := range s.Domains {
		text += fmt.Sprintf("  %s %d", d.Domain, d.Counts[delivery.Accepted])
	}
	return text
}

func outcomes(c delivery.Counts) string {
	parts := []string{fmt.Sprintf("%d accepted", c[delivery.Accepted])}
	for _, s := range []delivery.State{delivery.Failed, delivery.Deferred, delivery.Unknown, delivery.Suppressed} {
		if c[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// progressBar is a bar and as much of the text as the terminal has room for.
func progressBar(s delivery.Snapshot, width int) string {
	const cells = 24
	total := max(s.Counts.Total(), 1)
	done := int((total - s.Counts.Open()) * cells / total)
	line := strings.Repeat("█", done) + strings.Repeat("░", cells-done) + "  " + progressText(s)
	if r := []rune(line); len(r) >= width {
		line = string(r[:max(width-1, 0)])
	}
	return line
}

func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 80
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		return 80
	}
	return width
}

// watchStatus follows a send by its records, whichever process does it.
func (a *app) watchStatus(ctx context.Context, w edition.Week) error {
	tty := isTerminal(a.stderr)
	every := lineEvery
	if tty {
		every = time.Second
	}
	var last int64
	for first := true; ; first = false {
		r, err := a.statusOf(ctx, w)
		if err != nil {
			return err
		}
		e, err := a.db.Edition(ctx, w)
		if err != nil {
			return err
		}
		counts, err := a.db.DeliveryCounts(ctx, e.ID)
		if err != nil {
			return err
		}
		done := counts.Total() - counts.Open()
		s := delivery.Snapshot{Counts: counts}
		if !first {
			s.Rate = float64(done-last) / every.Seconds()
		}
		if s.Rate > 0 {
			s.Left = time.Duration(float64(counts.Open()) / s.Rate * float64(time.Second))
		}
		last = done
		a.drawProgress(s, tty)
		if r.State != string(edition.Sending) || r.Paused != "" {
			if tty {
				fmt.Fprintln(a.stderr)
			}
			return a.printStatus(ctx, w)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}
