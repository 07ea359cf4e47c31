//go:build linux

package meter

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A screen keeps what arrives at a pseudo-terminal.
type screen struct {
	t    *testing.T
	hand *os.File
	mu   sync.Mutex
	all  strings.Builder
	over chan struct{} // the other end is closed
}

func (s *screen) read() {
	defer close(s.over)
	for buf := make([]byte, 4096); ; {
		n, err := s.hand.Read(buf) // EIO when the other end is closed
		s.mu.Lock()
		s.all.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// await waits until an expression has matched more than so many times.
func (s *screen) await(expression string, more int) (times int) {
	s.t.Helper()
	re := regexp.MustCompile(expression)
	for end := time.Now().Add(time.Minute); ; time.Sleep(drawEvery / 10) {
		if times = len(re.FindAllString(s.text(), -1)); times > more {
			return times
		}
		if time.Now().After(end) {
			s.t.Fatalf("got %q, want %s more than %d times", s.text(), expression, more)
		}
	}
}

// terminal opens a pseudo-terminal of 100 columns: what the program writes to
// its end arrives on the screen.
func terminal(t *testing.T) (end *os.File, s *screen) {
	t.Helper()
	hand, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(hand.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100})
	}
	if err == nil {
		end, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	s = &screen{t: t, hand: hand, over: make(chan struct{})}
	go s.read()
	t.Cleanup(func() { _ = end.Close(); <-s.over; _ = hand.Close() })
	return end, s
}

// On a terminal there is a bar with outcomes and domains; a warning in mid-send
// stands whole above them; and at the end they are gone.
func TestMeterOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("NO_COLOR", "1")
	const bar = `█+░+ 49 %  493/1000  123/s  4s left`
	end, screen := terminal(t)
	stderr := &Stream{Out: end}
	m := New(stderr, time.Now, false, false)
	m.Draw(snapshot())
	drawn := screen.await(bar, 0) // the bar draws by a clock of its own
	fmt.Fprintln(stderr, "a warning in mid-send")
	screen.await(`a warning in mid-send`, 0)
	screen.await(bar, drawn)
	m.End()
	fmt.Fprintln(stderr, "it is over")
	_ = end.Close()
	<-screen.over
	got := screen.text()
	for _, want := range []string{bar, `480 accepted, 12 failed, 7 deferred, 1 unknown`, `one.example 300, 12 failed; two.example 180`, `a warning in mid-send\r\n`, `it is over\r\n$`} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("got %q, want %s in it", got, want)
		}
	}
	if strings.Contains(got, "\x1b[32m") {
		t.Errorf("got colour with NO_COLOR: %q", got)
	}
	_, after, _ := strings.Cut(got, "it is over")
	if strings.Contains(after, "accepted") {
		t.Errorf("got a bar after the end: %q", after)
	}
}
