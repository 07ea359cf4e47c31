// Package journal keeps, beside the database, an append-only record of which
// readers' messages may have left, so that a restored backup cannot send an
// edition a second time.
//
// The package promises: when Append returns nil its record is on the disk
// (fdatasync); a record is intact or absent (CRC-32C), and a torn last record,
// as a power cut leaves it, is dropped when the file is opened; damage anywhere
// else is ErrDamaged, never skipped; a journal of another database is
// ErrForeign. There is one file an edition, mode 0600, in a folder of mode 0700.
package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("there is no such journal")
	ErrDamaged  = errors.New("the journal is damaged")
	ErrForeign  = errors.New("the journal belongs to another database")
	ErrOrder    = errors.New("the journal's sequence must grow")
)

// A Header names what a journal belongs to.
type Header struct {
	Week     string  // the edition's ISO week, "2026-W47"
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

// Path is where the week's journal is, or would be.
func (f *Folder) Path(week string) string { return filepath.Join(f.path, week+".journal") }

// Exists reports whether the week has a journal.
func (f *Folder) Exists(week string) (bool, error) {
	_, err := os.Stat(f.Path(week))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Weeks lists the weeks that have a journal, in time order.
func (f *Folder) Weeks() ([]string, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, fmt.Errorf("journal folder: %w", err)
	}
	var weeks []string
	for _, e := range entries {
		if week, ok := strings.CutSuffix(e.Name(), ".journal"); ok {
			weeks = append(weeks, week)
		}
	}
	return weeks, nil
}

const magicLine = "digest journal 1 "

func (h Header) encode() []byte {
	return []byte(magicLine + h.Week + " " + hex.EncodeToString(h.Database[:]) + "\n")
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
