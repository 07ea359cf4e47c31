package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// A Machine is what the program runs on.
type Machine struct {
	Now    func() time.Time
	Synced func() (bool, error)                         // whether the kernel's clock is kept by a time server
	Seen   func(ctx context.Context) (time.Time, error) // the latest time that the scheduler has seen; nil without a database
	Files  []string                                     // with secrets or readers' addresses
	Room   func() (Room, error)                         // of a database in a file; nil: there is none
	// Journals tells what is free, in bytes, on the disk of the journals of a list
	// that a server has; nil: none has it.
	Journals func() (uint64, error)
	// RelayLog is the file that the relay's log is followed in; "": none is.
	RelayLog string
}

// A Room is what a database takes on its disk, in bytes.
type Room struct {
	Free uint64
	Size int64 // of the database
	WAL  int64 // of its write-ahead log
}

// ErrNotTold is why Synced knows nothing on this system.
var ErrNotTold = errors.New("this system does not tell")

// Checks are those of a machine.
func (m Machine) Checks() []Check {
	list := []Check{{"clock", m.clock}, {"file-modes", m.fileModes}}
	if m.RelayLog != "" {
		list = append(list, Check{"relay-log", m.relayLog})
	}
	if m.Room != nil {
		list = append(list, Check{"disk", m.disk}, Check{"wal", m.wal})
	}
	if m.Journals != nil {
		list = append(list, Check{"disk", m.journalDisk})
	}
	return list
}

func (m Machine) clock(ctx context.Context) Finding {
	if m.Seen != nil {
		seen, err := m.Seen(ctx)
		if err != nil {
			return fail("see the check integrity", "read when the scheduler last ran: %s", err)
		}
		if back := seen.Sub(m.Now()); back > time.Minute {
			return fail("set the clock; if it is right now, 'digest schedule reset-clock' goes on",
				"the clock shows %s less than it has shown before, so the scheduler does nothing", back.Round(time.Second))
		}
	}
	synced, err := m.Synced()
	switch {
	case errors.Is(err, ErrNotTold):
		return skipped("run a time service", "whether a time server keeps the clock: %s", err)
	case err != nil:
		return warn("run a time service such as systemd-timesyncd or chrony", "whether a time server keeps the clock: %s", err)
	case !synced:
		return warn("run a time service such as systemd-timesyncd or chrony", "the kernel says that no time server keeps the clock; a slot and a DKIM signature are as right as it is")
	}
	return pass("the clock is kept by a time server and has not gone back")
}

// fileModes looks who else can read what only the program should.
func (m Machine) fileModes(context.Context) Finding {
	var open []string
	looked := 0
	for _, path := range m.Files {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return warn("run this as the user that 'digest serve' runs as", "%s", err)
		}
		looked++
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%04o)", path, info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		return warn("chmod go-rwx "+strings.Join(paths(open), " "), "others than the owner may read %s", strings.Join(open, ", "))
	}
	return pass("%d files and folders are their owner's only", looked)
}

// relayLog looks whether the relay's log can be read, as serve would follow it.
func (m Machine) relayLog(context.Context) Finding {
	f, err := os.Open(m.RelayLog)
	if err != nil {
		return fail("let the group of the user that 'digest serve' runs as read it: chgrp digest, chmod 640, and again when it is rotated",
			"unknown deliveries are not settled from the relay's log: %s", err)
	}
	if err := f.Close(); err != nil {
		return warn("see whether its disk is in order", "close the relay's log: %s", err)
	}
	return pass("%s can be read, so unknown deliveries are settled from it", m.RelayLog)
}

func paths(open []string) []string {
	out := make([]string, len(open))
	for i, o := range open {
		out[i] = o[:strings.LastIndex(o, " (")]
	}
	return out
}

// A migration, a restore and an edition of a million readers each may take as
// much again as the database has.
const leastFree = 256 << 20

func (m Machine) disk(context.Context) Finding {
	r, err := m.Room()
	if err != nil {
		return fail("see whether the disk of the database is there", "%s", err)
	}
	return space(r.Free, max(leastFree, uint64(2*r.Size)), "make room on the disk of the database", "beside the database of "+size(uint64(r.Size)), "; a send and a backup may need twice its size")
}

// journalDisk looks at what a node of several writes on its own disk: a send ends
// where a journal cannot be written.
func (m Machine) journalDisk(context.Context) Finding {
	free, err := m.Journals()
	if err != nil {
		return fail("see whether the disk of the folder that 'data' names is there", "%s", err)
	}
	return space(free, leastFree, "make room on the disk of the folder that 'data' names", "beside the journals", "")
}

// space judges what is free on a disk, in bytes: a warning says why more is needed.
func space(free, need uint64, fix, where, why string) Finding {
	switch {
	case free < leastFree/4:
		return fail(fix, "%s are free %s", size(free), where)
	case free < need:
		return warn(fix, "%s are free %s%s", size(free), where, why)
	}
	return pass("%s are free %s", size(free), where)
}

// A log that grows is one that some reader keeps from being written back.
const largeWAL = 256 << 20

func (m Machine) wal(context.Context) Finding {
	r, err := m.Room()
	if err != nil {
		return fail("see whether the disk of the database is there", "%s", err)
	}
	if r.WAL > largeWAL && r.WAL > r.Size/2 {
		return warn("restart 'digest serve' when no send is running, and stop programs that keep the database open", "the write-ahead log has %s beside a database of %s", size(uint64(r.WAL)), size(uint64(r.Size)))
	}
	return pass("the write-ahead log has %s", size(uint64(r.WAL)))
}

func size(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	v, i := float64(n), -1
	for v >= unit && i < 4 {
		v /= unit
		i++
	}
	return fmt.Sprintf("%.1f %ciB", v, "KMGTP"[i])
}
