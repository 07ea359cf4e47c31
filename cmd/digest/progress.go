package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"verdicts.example/digest/internal/delivery"
)

const (
	drawEvery = 250 * time.Millisecond // on a terminal
	lineEvery = 10 * time.Second       // elsewhere
	topHosts  = 3
)

// showProgress follows a send on standard error: a bar on a terminal, a line
// now and then elsewhere, nothing with --quiet. stop ends it.
func (a *app) showProgress(p *delivery.Progress) (stop func()) {
	m := a.newMeter()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(drawEvery)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				m.end()
				return
			case <-ticker.C:
				m.draw(p.Snapshot(a.now(), topHosts))
			}
		}
	}()
	return func() { close(quit); <-done }
}

// A meter shows how far a send is, as standard error allows.
type meter struct {
	a      *app
	screen *screen // nil: there is no terminal
	style  barStyle
	drawn  time.Time
}

// newMeter makes a meter. Until its end everything that goes to standard error
// goes above it.
func (a *app) newMeter() *meter {
	m := &meter{a: a, drawn: a.now()}
	if f := a.terminal(); f != nil && !a.quiet {
		m.style = barStyleOf(os.Getenv)
		m.screen = newScreen(f, func() int { return terminalWidth(f) })
		a.stderr.above(m.screen)
	}
	return m
}

// draw shows the state of now: on a terminal each time, elsewhere a line each
// ten seconds.
func (m *meter) draw(s delivery.Snapshot) {
	if m.screen != nil {
		m.screen.show(progressLines(s, m.screen.width(), m.style))
		return
	}
	if now := m.a.now(); now.Sub(m.drawn) >= lineEvery {
		m.drawn = now
		m.a.say("%s", progressText(s))
	}
}

// end takes the bar off the terminal.
func (m *meter) end() {
	if m.screen != nil {
		m.screen.clear()
		m.a.stderr.above(nil)
	}
}

// A barStyle is what the terminal can show.
type barStyle struct {
	full, empty string
	colour      bool
}

// barStyleOf reads NO_COLOR (https://no-color.org) and the locale (POSIX: the
// first of these that is set counts).
func barStyleOf(getenv func(string) string) barStyle {
	st := barStyle{full: "#", empty: ".", colour: getenv("NO_COLOR") == ""}
	locale := getenv("LC_ALL")
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = getenv(name)
		}
	}
	if l := strings.ToLower(locale); strings.Contains(l, "utf-8") || strings.Contains(l, "utf8") {
		st.full, st.empty = "█", "░"
	}
	return st
}

// progressText is one plain line, for logs.
func progressText(s delivery.Snapshot) string {
	text := fmt.Sprintf("%d/%d  %s", s.Counts.Total()-s.Counts.Open(), s.Counts.Total(), outcomes(s.Counts))
	if p := pace(s); p != "" {
		text += "  " + p
	}
	if d := domains(s); d != "" {
		text += "  " + d
	}
	return text
}

// progressLines is the bar with the pace, the outcomes, and the domains.
func progressLines(s delivery.Snapshot, width int, st barStyle) []string {
	total := max(s.Counts.Total(), 1)
	done := total - s.Counts.Open()
	figures := fmt.Sprintf("%3d %%  %d/%d", done*100/total, done, s.Counts.Total())
	if p := pace(s); p != "" {
		figures += "  " + p
	}
	first := figures
	if cells := min(width-len(figures)-3, 40); cells >= 8 {
		first = bar(done, total, cells, st) + "  " + figures
	}
	lines := []string{first, outcomes(s.Counts)}
	if d := domains(s); d != "" {
		lines = append(lines, d)
	}
	return lines
}

// bar is full only when nothing is open.
func bar(done, total int64, cells int, st barStyle) string {
	full := int(done * int64(cells) / total)
	line := strings.Repeat(st.full, full)
	if st.colour && full > 0 {
		line = "\x1b[32m" + line + "\x1b[0m"
	}
	return line + strings.Repeat(st.empty, cells-full)
}

// pace is the rate and the time left, "" while neither is known.
func pace(s delivery.Snapshot) string {
	var parts []string
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
func (a *app) terminal() *os.File {
	f, ok := a.stderr.out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return f
}

// terminalWidth is in columns; 80 where the terminal does not say.
func terminalWidth(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}
