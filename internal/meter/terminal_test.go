//go:build linux

package meter

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal of 100 columns: what the program writes to
// its end, and all that arrived once that is closed.
func terminal(t *testing.T) (end *os.File, arrived func() string) {
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
	text := make(chan string)
	go func() {
		all, _ := io.ReadAll(hand) // ends with EIO when the other end is closed
		text <- string(all)
	}()
	return end, func() string {
		_ = end.Close()
		defer hand.Close()
		return <-text
	}
}

// On a terminal there is a bar with outcomes and domains; a warning in mid-send
// stands whole above them; and at the end they are gone.
func TestMeterOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("NO_COLOR", "1")
	end, arrived := terminal(t)
	stderr := &Stream{Out: end}
	m := New(stderr, time.Now, false, false)
	m.Draw(snapshot())
	time.Sleep(2 * drawEvery) // the bar draws by a clock of its own
	fmt.Fprintln(stderr, "a warning in mid-send")
	time.Sleep(2 * drawEvery)
	m.End()
	fmt.Fprintln(stderr, "it is over")
	got := arrived()
	for _, want := range []string{`█+░+ 49 %  493/1000  123/s  4s left`, `480 accepted, 12 failed, 7 deferred, 1 unknown`, `one.example 300, 12 failed; two.example 180`, `a warning in mid-send\r\n`, `it is over\r\n$`} {
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
