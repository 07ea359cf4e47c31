package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"verdicts.example/digest/internal/atomicfile"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// While another process writes for long, such as the import of a large list,
// sign-ups are kept in a file beside the database, PATH-signups, and come into the
// queue when it is done: a visitor does not wait for it. Each line is a checksum
// and a row of the queue; the file is synced before a sign-up is acknowledged. A
// line that a crash cut off was not.
//
// The file is taken in by renaming it to PATH-signups.in and removing that once
// its rows are committed. A crash in between brings rows into the queue twice,
// which does no harm: a mailbox has one confirmation.

// spillAfter is how long a sign-up waits for the database before it goes to the file.
const spillAfter = 250 * time.Millisecond

func (db *DB) spillPath() string { return db.path + "-signups" }

// spilling reports whether sign-ups wait in the file: later ones go there too, at
// once.
func (db *DB) spilling() bool {
	info, err := os.Stat(db.spillPath())
	return err == nil && info.Size() > 0
}

// queueSignUps writes a group to the queue, or to the file while that cannot be
// written.
func (db *DB) queueSignUps(ctx context.Context, members []*group.Member[plainsql.QueuedRow]) error {
	if err := db.stands(); err != nil {
		return err
	}
	if !db.spilling() {
		err := db.inTxAtOnce(ctx, spillAfter, func(tx *sql.Tx) error { return plainsql.QueueSignUps(ctx, plainTx{tx}, members) })
		if !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return db.spill(members)
}

// inTxAtOnce is inTx that fails with ErrBusy after a while, whether another process
// writes or this one.
func (db *DB) inTxAtOnce(ctx context.Context, patience time.Duration, fn func(*sql.Tx) error) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := db.w.Conn(soon)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("begin: %w (%w)", ErrBusy, err)
	}
	if err != nil {
		return db.fault(fmt.Errorf("begin: %w", err))
	}
	defer conn.Close() // it goes back to the pool
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", patience.Milliseconds())); err != nil {
		return db.fault(err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = "+busyTimeout) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		err = fmt.Errorf("begin: %w", busy(err))
	}
	return db.fault(finishTx(tx, err, fn))
}

// spill appends a group to the file.
func (db *DB) spill(members []*group.Member[plainsql.QueuedRow]) error {
	f, err := db.lockSpill()
	if err != nil {
		return fmt.Errorf("keep sign-ups beside the database: %w", err)
	}
	defer f.Close() // it was synced; its lock ends
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	if whole, err := endsLine(f, info.Size()); err != nil {
		return err
	} else if !whole {
		lines.WriteByte('\n') // else the next line would be cut off with it
	}
	for _, m := range members {
		line, err := spillLine(m.Row.SignUp)
		if err != nil {
			return err
		}
		if info.Size()+int64(lines.Len()) > int64(m.Row.Limit)*spilledRow {
			m.Err = subscribers.ErrLimited
			continue
		}
		lines.Write(line)
	}
	if _, err := f.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("keep sign-ups beside the database: %w", err)
	}
	return f.Sync()
}

// endsLine reports whether a file of a size is empty, or ends with a whole line.
func endsLine(f *os.File, size int64) (bool, error) {
	if size == 0 {
		return true, nil
	}
	var last [1]byte
	_, err := f.ReadAt(last[:], size-1)
	return last[0] == '\n', err
}

// spilledRow is about how many bytes a row takes: the file is bounded by as many
// rows as the queue.
const spilledRow = 400

// lockSpill opens the file, which may be new, and locks it; closing unlocks.
func (db *DB) lockSpill() (*os.File, error) {
	for {
		f, err := os.OpenFile(db.spillPath(), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := lockFile(f, true); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// Whoever took it in meanwhile has renamed it: what is written to it then is lost.
		if stillAt(f, db.spillPath()) {
			return f, atomicfile.SyncDir(filepath.Dir(db.path)) // its name lasts
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// takeSpilled brings the file's sign-ups into the queue; another process that does
// so is left to it.
func (db *DB) takeSpilled(ctx context.Context) error {
	in := db.spillPath() + ".in"
	if err := db.setSpillAside(in); err != nil {
		return fmt.Errorf("take sign-ups in: %w", err)
	}
	f, err := os.Open(in)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // its lock ends
	if lockFile(f, false) != nil || !stillAt(f, in) {
		return nil
	}
	rows, err := readSpilled(f)
	if err != nil {
		return fmt.Errorf("take sign-ups in: %w", err)
	}
	err = db.inTx(ctx, func(tx *sql.Tx) error { return insertSignUps(ctx, plainTx{tx}, rows) })
	if err != nil {
		return fmt.Errorf("take sign-ups in: %w", err)
	}
	return os.Remove(in)
}

// stillAt reports whether the file that is open is the one at the path.
func stillAt(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(mine, now)
}

// setSpillAside renames the file, unless an earlier one is not taken in yet.
func (db *DB) setSpillAside(in string) error {
	if !db.spilling() {
		return nil
	}
	f, err := db.lockSpill()
	if err != nil {
		return err
	}
	if _, err := os.Stat(in); errors.Is(err, fs.ErrNotExist) {
		return errors.Join(os.Rename(db.spillPath(), in), f.Close())
	}
	return f.Close()
}

func spillLine(r column.SignUp) ([]byte, error) {
	row, err := json.Marshal(r)
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(row), row), err
}

// readSpilled reads the rows of a file. What is no line of ours was cut off by a
// crash.
func readSpilled(f io.Reader) (rows []column.SignUp, err error) {
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		sum, row, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		var r column.SignUp
		if fmt.Sprintf("%08x", crc32.ChecksumIEEE(row)) == string(sum) && json.Unmarshal(row, &r) == nil {
			rows = append(rows, r)
		}
	}
	return rows, lines.Err()
}
