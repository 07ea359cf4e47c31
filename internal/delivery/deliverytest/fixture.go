// Package deliverytest gives tests and benchmarks a real database with readers
// and an edition, and a mail server in memory for failures that a real one
// cannot be made to have. What happens to the database is said in verbs, so that
// a suite runs on any store (see storetest.Database).
package deliverytest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/sqlite/sqlitetest"
	"verdicts.example/digest/internal/store/storetest"
)

// Week is the fixture's edition.
const Week = "2026-W47"

// A Fixture is a database with readers 1 to n and a draft edition.
type Fixture struct {
	T   testing.TB
	Dir string
	delivery.Ledger
	Stores   storetest.Stores
	Database storetest.Database
	Edition  int64
}

// Path is the database's file in dir.
func Path(dir string) string { return filepath.Join(dir, "digest.db") }

// New makes a fixture in a temporary folder.
func New(t testing.TB, readers int) *Fixture {
	t.Helper()
	f := Open(t, t.TempDir())
	f.AddReaders(readers)
	f.Edition = f.AddEdition(Week)
	return f
}

// Open opens what is in dir, making an empty database where there is none.
func Open(t testing.TB, dir string) *Fixture {
	t.Helper()
	db, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return Over(t, dir, db)
}

// StoreVar names the environment variable that says on which store the suites run:
// "15" or "18" is that version of PostgreSQL, nothing SQLite.
const StoreVar = "DIGEST_TEST_STORE"

func open(t testing.TB, dir string) (storetest.Database, error) {
	version := os.Getenv(StoreVar)
	if version == "" {
		return sqlitetest.Open(Path(dir))
	}
	return postgrestest.At(dir, func() string { return postgrestest.Schema(t, version) })
}

// NeedsFile leaves a test out that copies or spoils SQLite's file, or its sender's
// clock, where another store is under test.
func NeedsFile(t testing.TB) {
	t.Helper()
	if os.Getenv(StoreVar) != "" {
		t.Skip("it is about SQLite's file")
	}
}

// Over makes a fixture of a database, with its journals in dir.
func Over(t testing.TB, dir string, db storetest.Database) *Fixture {
	t.Helper()
	journals, err := journal.OpenFolder(filepath.Join(dir, "digest.db.sent"))
	if err != nil {
		t.Fatal(err)
	}
	s := db.Stores()
	f := &Fixture{
		T: t, Dir: dir, Database: db, Stores: s, Edition: 1,
		Ledger: delivery.Ledger{Store: s.Store, Leases: s.Leases, Journals: journals},
	}
	t.Cleanup(f.Close)
	return f
}

// Close closes the database; twice does no harm.
func (f *Fixture) Close() { f.try(f.Database.Close()) }

func (f *Fixture) try(err error) {
	f.T.Helper()
	if err != nil {
		f.T.Fatal(err)
	}
}

// Domains is over how many domains AddReaders spreads.
const Domains = 50

// Email is reader i's address.
func Email(i int64) string { return fmt.Sprintf("reader%d@d%d.example", i, i%Domains) }

// AddReaders adds n active readers after those that there are.
func (f *Fixture) AddReaders(n int) { f.AddReadersAt(n, Email) }

// AddReadersAt adds n active readers with addresses of the test's own.
func (f *Fixture) AddReadersAt(n int, email func(id int64) string) {
	f.T.Helper()
	f.try(f.Database.AddReaders(n, email))
}

// AddEdition adds a draft that has been built.
func (f *Fixture) AddEdition(week string) int64 {
	f.T.Helper()
	id, err := f.Database.AddEdition(week)
	f.try(err)
	return id
}

// Freeze freezes the edition.
func (f *Fixture) Freeze() delivery.Frozen {
	f.T.Helper()
	out, err := f.Stores.Freezer.Freeze(context.Background(), f.FreezeOf(f.Edition))
	f.try(err)
	return out
}

// FreezeOf is the freeze of an edition as AddEdition made it.
func (f *Fixture) FreezeOf(id int64) delivery.Freeze {
	return delivery.Freeze{
		Edition: id, Hash: "h", Message: []byte("frozen"), At: time.Now(),
	}
}

// Options are the options of a run against a dialer; it gives up after a time that a
// busy machine does not need.
func (f *Fixture) Options(d delivery.Dialer) delivery.Options {
	return delivery.Options{
		Ledger: f.Ledger, Edition: f.Edition, Dialer: d, Composer: Composer{},
		Log: slog.New(slog.DiscardHandler), Holder: "test",
		Pacing: delivery.Pacing{Connections: 4, GiveUp: 2 * time.Minute},
	}
}

// Counts are the edition's counts in the database.
func (f *Fixture) Counts() delivery.Counts {
	f.T.Helper()
	c, err := f.Store.Counts(context.Background(), f.Edition)
	f.try(err)
	return c
}

// Verify fails the test unless the edition verifies.
func (f *Fixture) Verify() delivery.Proof {
	f.T.Helper()
	p, err := delivery.Verify(context.Background(), f.Store, f.Journals, f.Edition)
	f.try(err)
	for _, problem := range p.Problems() {
		f.T.Errorf("verify: got %q, want no problem", problem)
	}
	return p
}

// A Composer makes a short message for anybody.
type Composer struct{ Body []byte }

var (
	_ delivery.Composer = Composer{}
	_ delivery.Writer   = Composer{}
)

// Writer gives the composer itself: it keeps nothing.
func (c Composer) Writer() delivery.Writer { return c }

// Compose makes a message with a Message-ID that names the reader.
func (c Composer) Compose(r *delivery.Recipient) (delivery.Message, delivery.Envelope, error) {
	head := fmt.Appendf(nil, "Message-ID: <%d@list.example>\r\nSubject: Verdicts\r\n\r\nHello %s\r\n", r.ID, r.Name)
	msg := delivery.Message{Pieces: [][]byte{head}}
	if len(c.Body) > 0 {
		msg.Pieces = append(msg.Pieces, c.Body)
	}
	return msg, delivery.Envelope{From: fmt.Sprintf("bounces+%d@list.example", r.ID), To: r.Email}, nil
}

// Told gives what the editors are to be told and have not been: why a send
// is paused, or "" for its end.
func (f *Fixture) Told() []string {
	f.T.Helper()
	list, err := f.Stores.Notices.Pending(context.Background())
	f.try(err)
	var told []string
	for _, n := range list {
		if n.Alarm.Key == "" {
			told = append(told, n.Paused)
		}
	}
	return told
}

// Alarms gives the refusals of which the operators are to be told and have not been.
func (f *Fixture) Alarms() []delivery.Alarm {
	f.T.Helper()
	list, err := f.Stores.Notices.Pending(context.Background())
	f.try(err)
	var told []delivery.Alarm
	for _, n := range list {
		if n.Alarm.Key != "" {
			told = append(told, n.Alarm)
		}
	}
	return told
}

// SQLite is the fixture's database where that is SQLite: for tests of the
// SQLite store itself.
func (f *Fixture) SQLite() *sqlitetest.Database { return f.Database.(*sqlitetest.Database) }

// Exec runs a statement on SQLite as another process would.
func (f *Fixture) Exec(query string, args ...any) {
	f.T.Helper()
	f.try(f.SQLite().Exec(query, args...))
}

// Int reads one number from SQLite.
func (f *Fixture) Int(query string, args ...any) int64 {
	f.T.Helper()
	n, err := f.SQLite().Int(query, args...)
	f.try(err)
	return n
}
