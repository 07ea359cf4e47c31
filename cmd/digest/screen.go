package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// An errStream is standard error. While a screen is at its bottom, what is
// written goes above that.
type errStream struct {
	out io.Writer

	mu     sync.Mutex
	screen *screen
}

// Write prints text.
func (e *errStream) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.screen != nil {
		return e.screen.Write(p)
	}
	return e.out.Write(p)
}

// above has what is written go above a screen, or with nil no more.
func (e *errStream) above(s *screen) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.screen = s
}

// A screen keeps a few lines at the bottom of a terminal and redraws them in
// place. What is written to it meanwhile goes above them, whole, so that a
// warning in mid-send is not overdrawn.
type screen struct {
	out   io.Writer
	width func() int // columns

	mu    sync.Mutex
	lines []string
	drawn int    // lines on the terminal now
	part  []byte // of a line written without its end
}

func newScreen(out io.Writer, width func() int) *screen { return &screen{out: out, width: width} }

// Write prints text above the lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part = append(s.part, p...)
	end := strings.LastIndexByte(string(s.part), '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	text := s.erase() + string(s.part[:end]) + s.draw()
	s.part = append(s.part[:0], s.part[end:]...)
	_, err := io.WriteString(s.out, text)
	return len(p), err
}

// show replaces the lines.
func (s *screen) show(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.erase()
	s.lines = lines
	_, _ = io.WriteString(s.out, before+s.draw()) // nobody looks at a terminal that is gone
}

// clear takes the lines away and prints what was left of an unended line.
func (s *screen) clear() {
	s.show(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.out.Write(s.part)
	s.part = nil
}

// erase is what takes the drawn lines off: up to the first, and all below.
func (s *screen) erase() string {
	n := s.drawn
	s.drawn = 0
	switch n {
	case 0:
		return ""
	case 1:
		return "\r\x1b[J"
	}
	return fmt.Sprintf("\r\x1b[%dA\x1b[J", n-1)
}

// draw is the lines, each cut to the terminal: a line that wraps would be two.
func (s *screen) draw() string {
	width := s.width()
	cut := make([]string, len(s.lines))
	for i, line := range s.lines {
		cut[i] = cutLine(line, width-1)
	}
	s.drawn = len(cut)
	return strings.Join(cut, "\n")
}

// cutLine keeps the first columns of a line, and of its colours all. A line
// that is cut ends in "…".
func cutLine(line string, columns int) string {
	var b strings.Builder
	left, colour := columns, false
	total := columnsOf(line)
	for _, r := range line {
		switch {
		case r == '\x1b':
			colour = true
		case colour:
			colour = r != 'm'
		case left == 1 && total > columns:
			b.WriteRune('…')
			left--
			continue
		case left <= 0:
			continue
		default:
			left--
		}
		b.WriteRune(r)
	}
	return b.String()
}

// columnsOf counts a line's characters without its colours. All that is drawn
// is one column wide: digits, words, block elements and domains in ASCII.
func columnsOf(line string) int {
	n, colour := 0, false
	for _, r := range line {
		switch {
		case r == '\x1b':
			colour = true
		case colour:
			colour = r != 'm'
		default:
			n++
		}
	}
	return n
}
