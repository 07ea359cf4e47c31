package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// WriteThrough makes db write through another driver.
func WriteThrough(db *DB, driver string) error {
	w, err := sql.Open(driver, dsn(db.path, writerDSN))
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	db.w, w = w, db.w
	return w.Close()
}

// FillDisk makes db find so many bytes free on its disk.
func FillDisk(db *DB, free uint64) {
	db.pulse.space = func(string) (uint64, error) { return free, nil }
}

// AgePulse makes the last answer of Ping as old as if its time were over.
func AgePulse(db *DB) {
	db.pulse.mu.Lock()
	defer db.pulse.mu.Unlock()
	db.pulse.at = db.pulse.at.Add(-pulseFor - time.Millisecond)
}

// LimitPages makes the disk full when the file has so many pages more than now.
func LimitPages(ctx context.Context, db *DB, more int) error {
	var now int
	if err := db.w.QueryRowContext(ctx, "PRAGMA page_count").Scan(&now); err != nil {
		return err
	}
	return db.w.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", now+more)).Scan(&now)
}

// RecordUsual is a queue's quick way of recording a group.
func RecordUsual(q delivery.Queue, g *delivery.Group) (done bool, err error) {
	return q.(*queue).recordUsual(g)
}
