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
package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("there is no such journal")
	ErrDamaged  = errors.New("the journal is damaged")
	ErrForeign  = errors.New("the journal belongs to another database")
	ErrOrder    = errors.New("the journal's sequence must grow")
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
	return aside, syncDir(f.path)
}

const magicLine = "digest journal 1 "

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
	if got == want {
		return nil
	}
	if !strings.HasPrefix(got, magicLine) {
		return fmt.Errorf("%w: it does not begin with %q", ErrDamaged, strings.TrimSpace(magicLine))
	}
	return fmt.Errorf("%w: it says %q, expected %q; if this is a new list, move the file away", ErrForeign, strings.TrimSpace(got), strings.TrimSpace(want))
}
