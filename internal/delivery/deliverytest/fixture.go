// Package deliverytest gives tests and benchmarks a real database with readers
// and an edition, and a mail server in memory for failures that a real one
// cannot be made to have.
package deliverytest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver of the connection that seeds

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store/sqlite"
)

// Week is the fixture's edition.
const Week = "2026-W47"

// A Fixture is a database with readers 1 to n and a draft edition.
type Fixture struct {
	T        testing.TB
	Dir      string
	DB       *sqlite.DB
	Raw      *sql.DB // a second process, as it were
	Journals *journal.Folder
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
	f := &Fixture{T: t, Dir: dir, Edition: 1}
	var err error
	if f.DB, err = sqlite.Open(context.Background(), Path(dir)); err != nil {
		t.Fatal(err)
	}
	if f.Raw, err = sql.Open("sqlite3", "file:"+Path(dir)+"?_busy_timeout=5000&_txlock=immediate"); err != nil {
		t.Fatal(err)
	}
	f.Raw.SetMaxOpenConns(1)
	if f.Journals, err = journal.OpenFolder(filepath.Join(dir, "digest.db.sent")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// Close closes the database; twice does no harm.
func (f *Fixture) Close() {
	if err := f.Raw.Close(); err != nil {
		f.T.Error(err)
	}
	if err := f.DB.Close(); err != nil {
		f.T.Error(err)
	}
}

// Exec runs a statement as another process would.
func (f *Fixture) Exec(query string, args ...any) {
	f.T.Helper()
	if _, err := f.Raw.Exec(query, args...); err != nil {
		f.T.Fatalf("%s: %v", query, err)
	}
}

// Int reads one number.
func (f *Fixture) Int(query string, args ...any) int64 {
	f.T.Helper()
	var n sql.NullInt64
	if err := f.Raw.QueryRow(query, args...).Scan(&n); err != nil {
		f.T.Fatalf("%s: %v", query, err)
	}
	return n.Int64
}

// Domains is over how many domains AddReaders spreads.
const Domains = 50

// Email is reader i's address.
func Email(i int64) string { return fmt.Sprintf("reader%d@d%d.example", i, i%Domains) }

// AddReaders adds n active readers after those that there are.
func (f *Fixture) AddReaders(n int) {
	f.T.Helper()
	if n == 0 {
		return
	}
	f.Exec(`
		WITH RECURSIVE n(i) AS (
		    SELECT (SELECT COALESCE(max(id), 0) FROM subscribers) + 1
		    UNION ALL
		    SELECT i + 1 FROM n LIMIT ?1
		)
		INSERT INTO subscribers (id, email, email_key, address_hash, name, status, token, created_at)
		SELECT i, printf('reader%d@d%d.example', i, i % ?2), printf('reader%d@d%d.example', i, i % ?2),
		       random(), 'Reader ' || i, 1, randomblob(16), 1
		FROM n`, n, Domains)
}

// AddEdition adds a draft that has been built.
func (f *Fixture) AddEdition(week string) int64 {
	f.T.Helper()
	f.Exec(`
		INSERT INTO editions (week, state, slot, since, cutoff, subject, hash, created_at)
		VALUES (?, 'draft', 1, 0, 1, 'Verdicts', 'h', 1)`, week)
	return f.Int(`SELECT max(id) FROM editions`)
}

// Freeze freezes the edition.
func (f *Fixture) Freeze() delivery.Frozen {
	f.T.Helper()
	out, err := f.DB.FreezeDeliveries(context.Background(), f.FreezeOf(f.Edition))
	if err != nil {
		f.T.Fatal(err)
	}
	return out
}

// FreezeOf is the freeze of an edition as AddEdition made it.
func (f *Fixture) FreezeOf(id int64) delivery.Freeze {
	return delivery.Freeze{
		Edition: id, Hash: "h", Message: []byte("frozen"), At: time.Now(),
	}
}

// Options are the options of a run against a dialer; quick to give up.
func (f *Fixture) Options(d delivery.Dialer) delivery.Options {
	return delivery.Options{
		Edition: f.Edition, Store: f.DB, Dialer: d, Composer: Composer{}, Journals: f.Journals,
		Log: slog.New(slog.DiscardHandler), Holder: "test",
		Pacing: delivery.Pacing{Connections: 4, GiveUp: 20 * time.Second},
	}
}

// Counts are the edition's counts in the database.
func (f *Fixture) Counts() delivery.Counts {
	f.T.Helper()
	c, err := f.DB.DeliveryCounts(context.Background(), f.Edition)
	if err != nil {
		f.T.Fatal(err)
	}
	return c
}

// Verify fails the test unless the edition verifies.
func (f *Fixture) Verify() delivery.Proof {
	f.T.Helper()
	p, err := delivery.Verify(context.Background(), f.DB, f.Journals, f.Edition)
	if err != nil {
		f.T.Fatal(err)
	}
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
// rests, or "" for its end.
func (f *Fixture) Told() []string {
	f.T.Helper()
	list, err := f.DB.SendNotices(context.Background())
	if err != nil {
		f.T.Fatal(err)
	}
	var told []string
	for _, n := range list {
		told = append(told, n.Paused)
	}
	return told
}
