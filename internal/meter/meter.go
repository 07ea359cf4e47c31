// Package meter shows on standard error how far a send is: a bar with figures,
// outcomes and domains on a terminal, a line now and then elsewhere.
//
// The package promises that what is written to a Stream meanwhile stands whole
// above the bar, that nothing of the bar is left when it ends, and that NO_COLOR
// and the locale decide how it looks.
package meter

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"verdicts.example/digest/internal/delivery"
)

const (
	drawEvery = 250 * time.Millisecond // on a terminal
	lineEvery = 10 * time.Second       // elsewhere
	TopHosts  = 3                      // domains that are named
	barCells  = 40
)

// A Stream is standard error. While bars are at its bottom, what is written
// goes above them.
type Stream struct {
	Out io.Writer

	mu   sync.Mutex
	bars io.Writer // nil: there are none
}

// Write prints text.
func (e *Stream) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.bars != nil {
		if n, err := e.bars.Write(p); err == nil { // they may have ended since
			return n, nil
		}
	}
	return e.Out.Write(p)
}

// above has what is written go above bars, or with nil no more.
func (e *Stream) above(bars io.Writer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bars = bars
}

// Follow shows a running send until stop is called.
func (m *Meter) Follow(p *delivery.Progress) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(drawEvery)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				m.End()
				return
			case <-ticker.C:
				m.Draw(p.Snapshot(m.clock(), TopHosts))
			}
		}
	}()
	return func() { close(quit); <-done }
}

// A Meter shows how far a send is, as standard error allows.
type Meter struct {
	stderr *Stream
	clock  func() time.Time
	quiet  bool
	drawn  time.Time // when a line was written
	bars   *mpb.Progress
	bar    *mpb.Bar // nil: there is no terminal
	texts  []*mpb.Bar
	now    atomic.Pointer[delivery.Snapshot] // what the bars show
}

// New makes a meter. Until its End everything that goes to stderr goes above it.
// The first line elsewhere than on a terminal comes after ten seconds, or with
// atOnce at once.
func New(stderr *Stream, clock func() time.Time, quiet, atOnce bool) *Meter {
	m := &Meter{stderr: stderr, clock: clock, quiet: quiet}
	if !atOnce {
		m.drawn = clock()
	}
	m.now.Store(&delivery.Snapshot{})
	if f := stderr.terminal(); f != nil && !quiet {
		m.open(f, barStyle(os.Getenv))
	}
	return m
}

// open puts the bar on a terminal, with its figures beside it and the outcomes
// and domains below.
func (m *Meter) open(f *os.File, style mpb.BarFillerBuilder) {
	m.bars = mpb.New(mpb.WithOutput(f), mpb.WithRefreshRate(drawEvery), mpb.WithWidth(barCells))
	text := func(of func(delivery.Snapshot) string) mpb.BarOption {
		return mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return of(*m.now.Load()) }))
	}
	m.bar = m.bars.New(1, style, mpb.BarFillerTrim(), text(figures))
	for _, of := range []func(delivery.Snapshot) string{func(s delivery.Snapshot) string { return outcomes(s.Counts) }, domains} {
		m.texts = append(m.texts, m.bars.New(1, mpb.NopStyle(), text(of)))
	}
	m.stderr.above(m.bars)
}

// Draw shows the state of now: on a terminal each time, elsewhere a line each
// ten seconds.
func (m *Meter) Draw(s delivery.Snapshot) {
	m.now.Store(&s)
	if m.bar != nil {
		// One more than there is, so that only its end takes the bar away.
		m.bar.SetTotal(s.Counts.Total()+1, false)
		m.bar.SetCurrent(s.Counts.Total() - s.Counts.Open())
		return
	}
	if now := m.clock(); now.Sub(m.drawn) >= lineEvery && !m.quiet {
		m.drawn = now
		fmt.Fprintln(m.stderr, strings.TrimRight(strings.Join([]string{figures(s), outcomes(s.Counts), domains(s)}, "  "), " "))
	}
}

// End takes the bar off the terminal.
func (m *Meter) End() {
	if m.bar == nil {
		return
	}
	for _, b := range append(m.texts, m.bar) {
		b.Abort(true)
	}
	m.bars.Wait()
	m.stderr.above(nil)
}

// barStyle reads NO_COLOR (https://no-color.org) and the locale (POSIX: the
// first of these that is set counts).
func barStyle(getenv func(string) string) mpb.BarFillerBuilder {
	full, empty := "#", "."
	locale := getenv("LC_ALL")
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = getenv(name)
		}
	}
	if l := strings.ToLower(locale); strings.Contains(l, "utf-8") || strings.Contains(l, "utf8") {
		full, empty = "█", "░"
	}
	style := mpb.BarStyle().Lbound("").Rbound("").Tip("").Filler(full).Padding(empty)
	if getenv("NO_COLOR") == "" {
		style = style.FillerMeta(func(s string) string { return "\x1b[32m" + s + "\x1b[0m" })
	}
	return style
}

// figures are how far a send is, its pace and the time left.
func figures(s delivery.Snapshot) string {
	total := s.Counts.Total()
	done := total - s.Counts.Open()
	parts := []string{fmt.Sprintf(" %d %%", done*100/max(total, 1)), fmt.Sprintf("%d/%d", done, total)}
	switch {
	case s.Rate >= 9.95:
		parts = append(parts, fmt.Sprintf("%.0f/s", s.Rate))
	case s.Rate >= 0.05:
		parts = append(parts, fmt.Sprintf("%.1f/s", s.Rate))
	}
	if s.Left >= time.Second && s.Left < 1000*time.Hour {
		parts = append(parts, s.Left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, "  ")
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

// domains names the busiest recipient domains, and what went wrong there.
func domains(s delivery.Snapshot) string {
	var parts []string
	for _, d := range s.Domains {
		part := fmt.Sprintf("%s %d", d.Domain, d.Counts[delivery.Accepted])
		for _, state := range []delivery.State{delivery.Failed, delivery.Deferred, delivery.Unknown} {
			if n := d.Counts[state]; n > 0 {
				part += fmt.Sprintf(", %d %s", n, state)
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// terminal is the terminal that standard error is, nil when it is none or one
// that cannot move its cursor.
func (e *Stream) terminal() *os.File {
	f, ok := e.Out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return f
}
