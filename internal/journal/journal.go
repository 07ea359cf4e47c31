// Package journal keeps, beside the database, an append-only record of which
// readers' messages may have left, so that a restored backup cannot send an
// edition a second time.
//
// The package promises: when Append returns nil its record is on the disk
// (fdatasync); a record is intact or absent (CRC-32C), and a torn last record,
// as a power cut leaves it, is dropped when the file is opened; damage anywhere
// else is ErrDamaged, never skipped; a journal of another database is
// ErrForeign. There is one file an edition and node, mode 0600, in a folder of
// mode 0700.
//
// A record is written beside the database's commit of the same intents, so that
// neither waits for the other; the messages end when both are on the disk. Before
// they do, the record is settled: the journal notes which of them do not leave.
// That note is in the file, not yet synced: the death of a process does not lose
// it. So a last record that is not settled let no message end, unless the machine
// itself went down since.
package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/atomicfile"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("there is no such journal")
	ErrDamaged  = errors.New("the journal is damaged")
	ErrForeign  = errors.New("the journal belongs to another database")
	ErrOrder    = errors.New("the journal's sequence must grow")
	ErrOpen     = errors.New("the journal's last record is not settled")
)

// A Name tells a database's journals apart.
type Name struct {
	Week string // the edition's ISO week, "2026-W47"
	Node string // which of several senders keeps it; "" where there is one
}

// A Header names what a journal belongs to.
type Header struct {
	Name
	Database [8]byte // tells databases apart; a restored backup has its original's
}

// A Record is one group of messages whose end may be written once the record
// is on the disk.
type Record struct {
	Seq   uint64  // grows by record; the database knows the last one that it committed
	At    int64   // Unix seconds
	First []int64 // subscribers whose message ends for the first time, ascending
	Again []int64 // subscribers whose earlier message was refused after its end, resolved as "retry", or not ended because its record failed

	// Unsettled is only true of a journal's last record: its sender is about to end
	// these messages, or died before it could.
	Unsettled bool
	// Rebooted: the record is not settled and the machine went down since, or may
	// have; a message of it may have left.
	Rebooted bool
}

// MayHaveLeft reports whether a sender that is at work no more may have ended
// messages of the record.
func (r Record) MayHaveLeft() bool { return !r.Unsettled || r.Rebooted }

// IDs gives the subscribers of the record.
func (r Record) IDs() []int64 { return slices.Concat(r.First, r.Again) }

// without takes the subscribers out whose messages did not leave; ok is false when
// none is left. A record without any was compacted, and is left as it is.
func (r Record) without(void []int64) (_ Record, ok bool) {
	if len(void) == 0 {
		return r, true
	}
	gone := func(id int64) bool {
		_, found := slices.BinarySearch(void, id)
		return found
	}
	r.First, r.Again = slices.DeleteFunc(r.First, gone), slices.DeleteFunc(r.Again, gone)
	return r, len(r.First)+len(r.Again) > 0
}

// A Folder holds the journals of one database.
type Folder struct{ path string }

// OpenFolder makes the folder (0700) where there is none.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("journal folder: %w", err)
	}
	return &Folder{path: path}, nil
}

const suffix = ".journal"

// Path is where a journal is, or would be.
func (f *Folder) Path(n Name) string {
	name := n.Week
	if n.Node != "" {
		name += "." + n.Node
	}
	return filepath.Join(f.path, name+suffix)
}

// Exists reports whether there is a journal of this name.
func (f *Folder) Exists(n Name) (bool, error) {
	_, err := os.Stat(f.Path(n))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// List gives the names of all journals, by week and node.
func (f *Folder) List() ([]Name, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, fmt.Errorf("journal folder: %w", err)
	}
	var list []Name
	for _, e := range entries {
		if file, ok := strings.CutSuffix(e.Name(), suffix); ok {
			week, node, _ := strings.Cut(file, ".")
			list = append(list, Name{Week: week, Node: node})
		}
	}
	return list, nil
}

// SetAside renames a journal, so that a new one can be begun, and gives its new
// path. What was set aside earlier stays.
func (f *Folder) SetAside(n Name, at time.Time) (string, error) {
	aside := f.Path(n) + ".damaged-" + at.UTC().Format("20060102T150405Z")
	if err := os.Rename(f.Path(n), aside); err != nil {
		return "", fmt.Errorf("set a journal aside: %w", err)
	}
	return aside, atomicfile.SyncDir(f.path)
}

// The first line begins with one of these. Files that begin with the first were
// written by a program that had each record in the database before the journal.
const (
	magicBefore = "digest journal 1 "
	magicLine   = "digest journal 2 "
)

func (h Header) encode() []byte {
	line := magicLine + h.Week + " " + hex.EncodeToString(h.Database[:])
	if h.Node != "" {
		line += " " + h.Node
	}
	return []byte(line + "\n")
}

// check compares a file's first line with the header that is expected.
func (h Header) check(line []byte) error {
	want := string(h.encode())
	got := string(line)
	if rest, ok := strings.CutPrefix(got, magicBefore); ok {
		got = magicLine + rest
	}
	if got == want {
		return nil
	}
	if !strings.HasPrefix(got, magicLine) {
		return fmt.Errorf("%w: it does not begin with %q", ErrDamaged, strings.TrimSpace(magicLine))
	}
	return fmt.Errorf("%w: it says %q, expected %q; if this is a new list, move the file away", ErrForeign, strings.TrimSpace(got), strings.TrimSpace(want))
}
