package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mattn/go-sqlite3"

	"verdicts.example/digest/internal/delivery"
)

// What the operating system refuses is told with the file and the errno, and
// never as damage.
func TestFault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "digest.db")
	for _, c := range []struct {
		err  error
		want error
		text string
	}{
		{sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EROFS}, syscall.EROFS, "read-only file system"},
		{sqlite3.Error{Code: sqlite3.ErrIoErr}, syscall.EIO, "input/output error"},
		{sqlite3.Error{Code: sqlite3.ErrFull}, syscall.ENOSPC, "no space left"},
		{sqlite3.Error{Code: sqlite3.ErrCorrupt}, sqlite3.ErrCorrupt, "or the disk did not give it"},
	} {
		err := fault(path, fmt.Errorf("commit: %w", c.err))
		var f *FileError
		if !errors.As(err, &f) || f.Path != path || errors.Is(err, ErrDamaged) {
			t.Errorf("%v: got %v, want a FileError with the path", c.err, err)
		}
		if c.want != sqlite3.ErrCorrupt && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%v: got %q, want %v and %q", c.err, err, c.want, c.text)
		}
		if again := fault(path, err); again != err {
			t.Errorf("%v: got %v the second time, want it as it was", c.err, again)
		}
	}
	for _, err := range []error{nil, delivery.ErrLeaseLost, fmt.Errorf("%w: %w", ErrDamaged, sqlite3.Error{Code: sqlite3.ErrCorrupt})} {
		if got := fault(path, err); got != err {
			t.Errorf("got %v, want %v as it was", got, err)
		}
	}
}

// A backup to a full disk says so: SQLite's words leave it open.
func TestBackupsDiskIsFull(t *testing.T) {
	t.Parallel()
	for _, err := range []error{sqlite3.Error{Code: sqlite3.ErrFull}, sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC}} {
		if got := room(err); !errors.Is(got, syscall.ENOSPC) || !errors.Is(got, err) {
			t.Errorf("%v: got %v, want it with ENOSPC", err, got)
		}
	}
	if err := errors.New("another"); room(err) != err || room(nil) != nil {
		t.Errorf("got %v of another, %v of none, want them as they are", room(err), room(nil))
	}
}

// A folder that is gone is to blame, not the file in it.
func TestFaultBlames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	under := filepath.Join(file, "digest.db") // ENOTDIR for root too
	var f *FileError
	if err := fault(under, sqlite3.Error{Code: sqlite3.ErrCantOpen}); !errors.As(err, &f) || !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("got %v, want ENOTDIR", err)
	}
	if err := fault(filepath.Join(dir, "digest.db"), sqlite3.Error{Code: sqlite3.ErrReadonly}); errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v, want nobody blamed where all may be written", err)
	}
}

func TestUnread(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{
		"*** in database main ***\nTree 34 page 121: unable to get the page. error code=8458": true, // SQLITE_IOERR_CORRUPTFS
		"Tree 34 page 121: unable to get the page. error code=266":                            true, // SQLITE_IOERR_READ
		"Freelist: failed to get page 9":                                                      true,
		"Tree 34 page 121: unable to get the page. error code=11":                             false, // SQLITE_CORRUPT
		"Tree 34 page 121: btreeInitPage() returns error code 11":                             false,
		"row 1 missing from index deliveries_address":                                         false,
		"ok": false,
	} {
		if got := unread(said); got != want {
			t.Errorf("%q: got %v, want %v", said, got, want)
		}
	}
}
