package deliverytest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the connection that is another process

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

var _ Database = (*SQLite)(nil)

// SQLite is the Database over a file.
type SQLite struct {
	DB  *sqlite.DB
	Raw *sql.DB // a second process, as it were

	path string
}

// OpenSQLite opens a database file, making it where there is none.
func OpenSQLite(path string) (*SQLite, error) {
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	raw, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	raw.SetMaxOpenConns(1)
	return &SQLite{DB: db, Raw: raw, path: path}, nil
}

// Stores gives the parts.
func (s *SQLite) Stores() Stores {
	d := s.DB.Deliveries()
	return Stores{
		Store: d, Leases: s.DB.Leases(), Freezer: d, Notices: s.DB.Notices(),
		Compact: func(before, at time.Time) (int64, error) { return d.Compact(context.Background(), before, at) },
	}
}

// Close closes both connections; twice does no harm.
func (s *SQLite) Close() error { return errors.Join(s.Raw.Close(), s.DB.Close()) }

func (s *SQLite) exec(query string, args ...any) error {
	_, err := s.Raw.Exec(query, args...)
	return err
}

func (s *SQLite) int(query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := s.Raw.QueryRow(query, args...).Scan(&n)
	return n.Int64, err
}

// AddReaders adds active readers.
func (s *SQLite) AddReaders(n int, email func(int64) string) error {
	first, err := s.int(`SELECT COALESCE(max(id), 0) + 1 FROM subscribers`)
	if err != nil {
		return err
	}
	tx, err := s.Raw.Begin()
	if err != nil {
		return err
	}
	add, err := tx.Prepare(`
		INSERT INTO subscribers (id, email, email_key, address_hash, name, status, token, created_at)
		VALUES (?1, ?2, ?2, random(), 'Reader ' || ?1, 1, randomblob(16), 1)`)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for id := first; id < first+int64(n); id++ {
		if _, err := add.Exec(id, email(id)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// AddEdition adds a draft that has been built.
func (s *SQLite) AddEdition(week string) (int64, error) {
	return s.int(`
		INSERT INTO editions (week, state, slot, since, cutoff, subject, hash, created_at)
		VALUES (?, 'draft', 1, 0, 1, 'Verdicts', 'h', 1) RETURNING id`, week)
}

// Leave unsubscribes.
func (s *SQLite) Leave(readers ...int64) error {
	for _, id := range readers {
		if err := s.exec(`UPDATE subscribers SET status = 2 WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// Suppress keeps a reader off.
func (s *SQLite) Suppress(reader int64) error {
	return s.exec(`UPDATE subscribers SET suppressed = 3 WHERE id = ?`, reader)
}

// Forget erases and keeps the row.
func (s *SQLite) Forget(reader int64) error {
	return s.exec(`UPDATE subscribers SET email = '', status = 2, suppressed = 5 WHERE id = ?`, reader)
}

// Delete removes the row.
func (s *SQLite) Delete(reader int64) error {
	return s.exec(`DELETE FROM subscribers WHERE id = ?`, reader)
}

// Return makes everybody active.
func (s *SQLite) Return() error {
	return errors.Join(
		s.exec(`UPDATE subscribers SET status = 1, suppressed = 0`),
		s.exec(`DELETE FROM suppressions`))
}

// Suppression is why a reader is kept off.
func (s *SQLite) Suppression(reader int64) (subscribers.Reason, error) {
	n, err := s.int(`SELECT suppressed FROM subscribers WHERE id = ?`, reader)
	return subscribers.Reason(n), err
}

// Pause pauses or lets go on.
func (s *SQLite) Pause(edition int64, reason string) error {
	return s.exec(`UPDATE editions SET pause_reason = ? WHERE id = ? AND state = 'sending'`, reason, edition)
}

// Cancel cancels the edition alone.
func (s *SQLite) Cancel(edition int64) error {
	return s.exec(`UPDATE editions SET state = 'cancelled', pause_reason = '' WHERE id = ?`, edition)
}

// Block holds the write lock.
func (s *SQLite) Block() (func() error, error) {
	return func() error { return s.exec(`COMMIT`) }, s.exec(`BEGIN IMMEDIATE`)
}

// Backup copies the database.
func (s *SQLite) Backup(path string) error { return s.exec(`VACUUM INTO ?`, path) }

// Sound checks the file.
func (s *SQLite) Sound() error {
	var got string
	err := s.Raw.QueryRow(`PRAGMA integrity_check`).Scan(&got)
	if err == nil && got != "ok" {
		return errors.New(got)
	}
	return err
}

// Size is the file's.
func (s *SQLite) Size() (int64, error) {
	if err := s.exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return 0, err
	}
	st, err := os.Stat(s.path)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Tamper spoils a record.
func (s *SQLite) Tamper(edition, reader int64, how Tampering) error {
	query := map[Tampering]string{
		LoseRow:     `DELETE FROM deliveries WHERE edition_id = ? AND subscriber_id = ?`,
		ForgeAccept: `UPDATE deliveries SET state = 3 WHERE edition_id = ? AND subscriber_id = ?`,
		ForgetEnd:   `UPDATE deliveries SET dots = 0, state = 0 WHERE edition_id = ? AND subscriber_id = ?`,
	}[how]
	return s.exec(query, edition, reader)
}

// SQLite is the fixture's database where that is SQLite: for tests of the
// SQLite store itself.
func (f *Fixture) SQLite() *SQLite { return f.Database.(*SQLite) }

// Exec runs a statement on SQLite as another process would.
func (f *Fixture) Exec(query string, args ...any) {
	f.T.Helper()
	f.try(f.SQLite().exec(query, args...))
}

// Int reads one number from SQLite.
func (f *Fixture) Int(query string, args ...any) int64 {
	f.T.Helper()
	n, err := f.SQLite().int(query, args...)
	f.try(err)
	return n
}
