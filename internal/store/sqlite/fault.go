package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"verdicts.example/digest/internal/store"
)

// A FileError is what the operating system did not let the database do: a full
// or failing disk, a file or folder that may not be written. It says nothing
// about what is in the file, which may be sound. errors.Is finds the errno.
type FileError struct {
	Path  string // the database, or the file or folder beside it that is to blame
	Errno syscall.Errno
	Err   error // in SQLite's words, which name no file
}

func (e *FileError) Error() string {
	text := e.Path + ": " + e.Err.Error()
	if why := e.Errno.Error(); e.Errno != 0 && !strings.HasSuffix(text, why) {
		text += ": " + why
	}
	return text
}

// Unwrap gives SQLite's error and the errno.
func (e *FileError) Unwrap() []error {
	if e.Errno == 0 {
		return []error{e.Err}
	}
	return []error{e.Err, e.Errno}
}

// Is makes it store.ErrDisk, for whoever knows no SQLite.
func (e *FileError) Is(target error) bool { return target == store.ErrDisk }

// fault is the function of that name for this database, by the name that it will have.
func (db *DB) fault(err error) error { return fault(db.name, err) }

// stands fails with a FileError when the file that is open is not at its path any
// more: what is written to it then, nobody sees again.
func (db *DB) stands() error {
	info, err := os.Stat(db.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{Path: db.name, Errno: syscall.ENOENT, Err: errors.New("the file has gone since it was opened")}
	case err != nil:
		return fmt.Errorf("database: %w", err)
	case !os.SameFile(info, db.file):
		return &FileError{Path: db.name, Errno: syscall.ESTALE, Err: errors.New("another file is at its path since it was opened; restart the program")}
	}
	return nil
}

// stoodFor is how long the answer of stoodLately stands.
const stoodFor = 100 * time.Millisecond

// stoodLately is stands for what is written a thousand times a second.
func (db *DB) stoodLately() error {
	now := time.Now()
	if now.UnixNano()-db.stood.Load() < int64(stoodFor) {
		return nil
	}
	if err := db.stands(); err != nil {
		return err
	}
	db.stood.Store(now.UnixNano())
	return nil
}

// busy gives ErrBusy, with SQLite's words, when another process is in the way.
func busy(err error) error {
	var e sqlite3.Error
	if errors.Is(err, ErrBusy) || !errors.As(err, &e) || e.Code != sqlite3.ErrBusy && e.Code != sqlite3.ErrLocked {
		return err
	}
	return fmt.Errorf("%w (%w)", ErrBusy, err)
}

// fault makes a FileError or ErrBusy of what is one; other errors it gives as
// they are.
func fault(path string, err error) error {
	err = busy(err)
	var e sqlite3.Error
	var done *FileError
	if !errors.As(err, &e) || errors.As(err, &done) || errors.Is(err, ErrDamaged) {
		return err
	}
	out := &FileError{Path: path, Errno: e.SystemErrno, Err: err}
	switch e.Code {
	case sqlite3.ErrFull:
		out.Errno = syscall.ENOSPC
	case sqlite3.ErrIoErr:
		if out.Errno == 0 {
			out.Errno = syscall.EIO
		}
	case sqlite3.ErrCantOpen, sqlite3.ErrReadonly:
		out.blame()
	case sqlite3.ErrCorrupt: // SQLite's word for EIO too, and its code then
		out.Err = fmt.Errorf("%w, or the disk did not give it: the next start tells which", err)
	default:
		return err
	}
	return out
}

// blame finds what may not be written. It asks and opens nothing: to close the
// database's file would drop the locks that this process has on it.
func (e *FileError) blame() {
	for _, p := range []string{e.Path, e.Path + "-wal", e.Path + "-shm", filepath.Dir(e.Path)} {
		var errno syscall.Errno
		if err := access(p); errors.As(err, &errno) && errno != syscall.ENOENT {
			e.Path, e.Errno = p, errno
			return
		}
	}
}

// openAgain opens a database that was found damaged once more, because SQLite
// calls malformed what the disk did not give, too.
func openAgain(ctx context.Context, path string) (*DB, error) {
	for _, p := range []string{path, path + "-wal"} {
		if err := readAll(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return open(ctx, path)
}

func readAll(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, f)
	return errors.Join(err, f.Close())
}

// unread reports whether a quick_check complains of a page that the disk did
// not give, rather than of what is on it.
func unread(said string) bool {
	for line := range strings.Lines(said) {
		_, code, _ := strings.Cut(strings.TrimSpace(line), "unable to get the page. error code=")
		n, err := strconv.Atoi(code)
		if err == nil && sqlite3.ErrNo(n&0xff) == sqlite3.ErrIoErr || strings.Contains(line, "failed to get page") {
			return true
		}
	}
	return false
}
