package sqlite

import "database/sql"

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
