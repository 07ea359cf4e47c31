// Package sqlitetest is a SQLite database for tests, with what other processes
// and bad luck do to it. What a reader does to it goes through the store's own
// methods; the rest is SQL on a second connection.
package sqlitetest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the connection that is another process

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

var _ storetest.Database = (*Database)(nil)

// A Database is a storetest.Database over a file.
type Database struct {
	DB  *sqlite.DB
	Raw *sql.DB // a second process, as it were

	path string
}

// Open opens a database file, making it where there is none.
func Open(path string) (*Database, error) {
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	raw, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	raw.SetMaxOpenConns(1)
	return &Database{DB: db, Raw: raw, path: path}, nil
}

// Stores gives the parts.
func (s *Database) Stores() storetest.Stores {
	d := s.DB.Deliveries()
	return storetest.Stores{
		Store: d, Leases: s.DB.Leases(), Freezer: d, Notices: s.DB.Notices(),
		Compact: func(before, at time.Time) (int64, error) { return d.Compact(context.Background(), before, at) },
	}
}

// Close closes both connections; twice does no harm.
func (s *Database) Close() error { return errors.Join(s.Raw.Close(), s.DB.Close()) }

func (s *Database) exec(query string, args ...any) error {
	_, err := s.Raw.Exec(query, args...)
	return err
}

func (s *Database) int(query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := s.Raw.QueryRow(query, args...).Scan(&n)
	return n.Int64, err
}

// AddReaders adds active readers.
func (s *Database) AddReaders(n int, email func(int64) string) error {
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
		VALUES (?1, ?2, ?3, ?4, 'Reader ' || ?1, 1, randomblob(16), 1)`)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for id := first; id < first+int64(n); id++ {
		a, err := subscribers.ParseAddress(email(id))
		if err != nil { // which no store would have taken
			a = subscribers.Address{Email: email(id), Key: email(id), Hash: id}
		}
		if _, err := add.Exec(id, a.Email, a.Key, a.Hash); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// AddEdition adds a draft that has been built.
func (s *Database) AddEdition(week string) (int64, error) {
	return s.int(`
		INSERT INTO editions (week, state, slot, since, cutoff, subject, hash, created_at)
		VALUES (?, 'draft', 1, 0, 1, 'Verdicts', 'h', 1) RETURNING id`, week)
}

// Leave unsubscribes.
func (s *Database) Leave(readers ...int64) error {
	for _, id := range readers {
		if _, err := s.DB.Subscribers().Leave(context.Background(), id, "test", false, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Suppress keeps a reader off.
func (s *Database) Suppress(reader int64) error {
	a, err := s.address(reader)
	if err != nil {
		return err
	}
	return s.DB.Subscribers().Suppress(context.Background(), a, subscribers.Suppression{Reason: subscribers.Manual, At: time.Now()})
}

// Forget erases.
func (s *Database) Forget(reader int64) error {
	a, err := s.address(reader)
	if err != nil {
		return err
	}
	_, err = s.DB.Subscribers().Erase(context.Background(), a, time.Now())
	return err
}

func (s *Database) address(reader int64) (subscribers.Address, error) {
	sub, err := s.DB.Subscribers().ByID(context.Background(), reader)
	if err != nil {
		return subscribers.Address{}, err
	}
	return subscribers.ParseAddress(sub.Email)
}

// Settle records outcomes.
func (s *Database) Settle(edition int64, to delivery.State, n int, reply string, at time.Time) error {
	return s.exec(`
		UPDATE deliveries SET state = ?1, reply = ?2, attempts = 1, dots = 1, at = ?3, next_attempt = ?3 + 900000
		WHERE edition_id = ?4 AND subscriber_id IN (
		    SELECT subscriber_id FROM deliveries WHERE edition_id = ?4 AND state = ?6 ORDER BY subscriber_id LIMIT ?5)`,
		int(to), reply, at.UnixMilli(), edition, n, int(delivery.Queued))
}

// Vary gives another variant.
func (s *Database) Vary(edition, upTo int64, variant int) error {
	return s.exec(`UPDATE deliveries SET variant = ? WHERE edition_id = ? AND subscriber_id <= ?`, variant, edition, upTo)
}

// Entitle gives a subject.
func (s *Database) Entitle(edition int64, subject string) error {
	return s.exec(`UPDATE editions SET subject = ? WHERE id = ?`, subject, edition)
}

// Blame gives the edition's failed deliveries a fault.
func (s *Database) Blame(edition int64, f delivery.Fault) error {
	return s.exec(`UPDATE deliveries SET fault = ? WHERE state = ? AND edition_id = ?`, int(f), int(delivery.Failed), edition)
}

// Left notes that n readers left at an instant; they stay as they are.
func (s *Database) Left(n int, at time.Time) error {
	return s.exec(`
		INSERT INTO subscriber_events (subscriber_id, at, kind)
		SELECT id, ?, 'leave' FROM subscribers LIMIT ?`, at.UnixMilli(), n)
}

// Complained notes complaints about an edition that came back from n readers.
func (s *Database) Complained(edition int64, n int, at time.Time) error {
	return s.exec(`
		INSERT INTO returned (edition_id, subscriber_id, mail, kind, class, status, reply, reason, at)
		SELECT ?, id, x'00', 'complaint', 'complaint', '', '', '', ? FROM subscribers LIMIT ?`, edition, at.UnixMilli(), n)
}

// SaidWhy adds n readers who gave a reason for leaving on the day of an instant.
func (s *Database) SaidWhy(why subscribers.LeaveReason, n int, at time.Time) error {
	const day = 24 * 60 * 60
	return s.exec(`INSERT INTO leave_reasons (day, reason, n) VALUES (?, ?, ?)`, at.Unix()/day, string(why), n)
}

// Return makes everybody active.
func (s *Database) Return() error {
	return errors.Join(
		s.exec(`UPDATE subscribers SET status = 1, suppressed = 0`),
		s.exec(`DELETE FROM suppressions`))
}

// Suppression is why a reader is kept off.
func (s *Database) Suppression(reader int64) (subscribers.Reason, error) {
	n, err := s.int(`SELECT suppressed FROM subscribers WHERE id = ?`, reader)
	return subscribers.Reason(n), err
}

// Pause pauses or lets go on.
func (s *Database) Pause(edition int64, reason string) error {
	return s.exec(`UPDATE editions SET pause_reason = ? WHERE id = ? AND state = 'sending'`, reason, edition)
}

// Cancel cancels the edition alone.
func (s *Database) Cancel(edition int64) error {
	return s.exec(`UPDATE editions SET state = 'cancelled', pause_reason = '' WHERE id = ?`, edition)
}

// Block holds the write lock.
func (s *Database) Block() (func() error, error) {
	return func() error { return s.exec(`COMMIT`) }, s.exec(`BEGIN IMMEDIATE`)
}

// Backup copies the database.
func (s *Database) Backup(path string) error { return s.exec(`VACUUM INTO ?`, path) }

// Sound checks the file.
func (s *Database) Sound() error {
	var got string
	err := s.Raw.QueryRow(`PRAGMA integrity_check`).Scan(&got)
	if err == nil && got != "ok" {
		return errors.New(got)
	}
	return err
}

// Size is the file's.
func (s *Database) Size() (int64, error) {
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
func (s *Database) Tamper(edition, reader int64, how storetest.Tampering) error {
	query := map[storetest.Tampering]string{
		storetest.LoseRow:     `DELETE FROM deliveries WHERE edition_id = ? AND subscriber_id = ?`,
		storetest.ForgeAccept: `UPDATE deliveries SET state = 3 WHERE edition_id = ? AND subscriber_id = ?`,
		storetest.ForgetEnd:   `UPDATE deliveries SET dots = 0, state = 0 WHERE edition_id = ? AND subscriber_id = ?`,
	}[how]
	return s.exec(query, edition, reader)
}

// Exec runs a statement as another process would.
func (s *Database) Exec(query string, args ...any) error { return s.exec(query, args...) }

// Int reads one number.
func (s *Database) Int(query string, args ...any) (int64, error) { return s.int(query, args...) }
