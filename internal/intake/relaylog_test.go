package intake_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/intake"
)

// A relay writes its log.
type relay struct {
	*list
	follower *intake.LogFollower
	path     string
	clock    time.Time
}

func newRelay(t *testing.T, readers int) *relay {
	t.Helper()
	r := &relay{list: newList(t, readers), path: filepath.Join(t.TempDir(), "mail.log"), clock: time.Now()}
	r.follower = r.follow()
	return r
}

func (r *relay) follow() *intake.LogFollower {
	return &intake.LogFollower{Path: r.path, Settler: r.db.Inbox(), Tags: r.tags,
		Now: func() time.Time { return r.clock }, Log: slog.New(slog.DiscardHandler)}
}

// write adds the lines of a message that the relay took, as Postfix writes them.
func (r *relay) write(id int64) {
	r.T.Helper()
	r.raw(r.line1(id) + r.line2(id))
}

func (r *relay) line1(id int64) string {
	return fmt.Sprintf("Nov 16 10:00:01 mx postfix/cleanup[1]: QUEUE%d: message-id=<%s@example.org>\n", id, r.tags.MessageIDTag(week, id))
}

func (r *relay) line2(id int64) string {
	return fmt.Sprintf("Nov 16 10:00:01 mx postfix/qmgr[1]: QUEUE%d: from=<verdicts@example.org>, size=9000, nrcpt=1 (queue active)\n", id)
}

func (r *relay) raw(s string) {
	r.T.Helper()
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(s)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		r.T.Fatal(err)
	}
}

// lose makes the next n deliveries unknown.
func (r *relay) lose(n int) {
	r.T.Helper()
	if err := r.Database.Settle(r.Edition, delivery.Unknown, n, "", r.clock); err != nil {
		r.T.Fatal(err)
	}
}

func (r *relay) look(want int64) {
	r.T.Helper()
	r.clock = r.clock.Add(2 * time.Minute)
	if n, err := r.follower.Look(r.T.Context()); err != nil || n != want {
		r.T.Errorf("got %d settled, %v, want %d", n, err, want)
	}
}

// A delivery becomes unknown after the log's lines about it were written, and
// others before theirs: both are settled, once.
func TestFollowerSettles(t *testing.T) {
	t.Parallel()
	r := newRelay(t, 6)
	r.look(0) // no log and nothing to ask of it
	r.write(1)
	r.lose(2)
	r.look(1)
	r.look(0)
	r.raw(r.line1(2)) // not whole yet
	r.look(0)
	r.raw(r.line2(2)[:40])
	r.look(0)
	r.raw(r.line2(2)[40:])
	r.look(1)
	r.lose(1)
	r.raw("Nov 16 10:00:01 mx postfix/qmgr[1]: QUEUE3: from=<>, size=9000, nrcpt=1 (queue active)\n")
	r.look(0)
}

// Lines that were rotated away are found, packed or not, also by a process that
// was not there when they were written.
func TestFollowerRotation(t *testing.T) {
	t.Parallel()
	r := newRelay(t, 6)
	r.lose(1) // its lines come last
	r.write(3)
	r.look(0)
	r.raw(r.line1(2)) // a message over the rotation
	if err := os.Rename(r.path, r.path+".1"); err != nil {
		t.Fatal(err)
	}
	r.raw(r.line2(2))
	r.lose(1)
	r.look(1)
	r.lose(1)
	r.look(1)

	if err := os.Truncate(r.path, 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	r.write(4)
	r.lose(1)
	r.look(1)

	pack(t, r.path+"-20261116.gz", r.line1(5)+r.line2(5))
	r.lose(1)
	r.follower = r.follow() // the process was started anew
	r.look(1)
	r.write(1)
	r.look(1)
}

func pack(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	_, err = z.Write([]byte(text))
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// A log that is read on after it was renamed is read to its end first.
func TestFollowerReadsARenamedLogToItsEnd(t *testing.T) {
	t.Parallel()
	r := newRelay(t, 3)
	r.raw("Nov 16 10:00:00 mx postfix/master[1]: daemon started\n")
	r.lose(2)
	r.look(0)
	r.write(1)
	if err := os.Rename(r.path, r.path+".1"); err != nil {
		t.Fatal(err)
	}
	r.write(2)
	r.look(2)
}

// A log that is not there is an error while something waits for it.
func TestFollowerMissesItsLog(t *testing.T) {
	t.Parallel()
	r := newRelay(t, 1)
	r.lose(1)
	if _, err := r.follower.Look(t.Context()); err == nil {
		t.Error("got no error, want one that names the file")
	}
	r.write(1)
	r.look(1)
}
