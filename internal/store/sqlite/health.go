package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// A pulse is the last answer to Ping.
type pulse struct {
	mu  sync.Mutex
	at  time.Time
	err error
	// space is how many bytes may still be written to a file's disk.
	space func(path string) (uint64, error)
}

const (
	// pulseFor is how long an answer of Ping stands, so that whoever asks often
	// does not wear out the disk.
	pulseFor = time.Second
	// probeDSN waits for another writer for a second only: a probe that hangs is
	// an answer that nobody gets.
	probeDSN = "mode=rw&_busy_timeout=1000&_synchronous=FULL&_txlock=immediate"
	// spareSpace is the room on the disk below which it counts as full.
	spareSpace = 1 << 20
)

// Ping reports whether the database takes writes: it is nil when the file is
// there and a transaction could be committed to it just now. It fails with
// ErrBusy while another process writes, and with a FileError for a file that has
// gone or been replaced, or a disk that is full or broken.
func (db *DB) Ping(ctx context.Context) error {
	db.pulse.mu.Lock()
	defer db.pulse.mu.Unlock()
	if time.Since(db.at) > pulseFor {
		db.err = db.probe(ctx)
		db.at = time.Now() // a probe that waited for another writer took as long as its answer stands
	}
	return db.err
}

// probe writes through a connection of its own, so that it neither waits for
// this process's writes nor keeps them waiting.
func (db *DB) probe(ctx context.Context) (err error) {
	if err := db.stands(); err != nil {
		return err
	}
	// The log of writes is used again and again, so a small write still goes
	// through on a full disk, and the next large one does not.
	if free, err := db.pulse.space(db.path); err == nil && free < spareSpace {
		return &FileError{Path: db.name, Errno: syscall.ENOSPC, Err: fmt.Errorf("%d KiB are free", free>>10)}
	}
	p, err := sql.Open("sqlite3", dsn(db.path, probeDSN))
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	_, err = p.ExecContext(ctx, `
		INSERT INTO meta (key, value) VALUES ('probed', ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, time.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("database: %w", db.fault(err))
	}
	return nil
}

// Warnings says what an operator should know of the file, without a full stop:
// that other users of the machine can read it. The files beside it get its mode.
func (db *DB) Warnings() []string {
	mode, ok := exposed(db.path)
	if !ok {
		return nil
	}
	return []string{fmt.Sprintf("%s holds readers' addresses and other users of this machine can read it (mode %04o): chmod 600 %[1]s", db.path, mode)}
}
