package assembly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/subscribers"
)

// A Need says what a command does where there is no database.
type Need int

// The needs.
const (
	MakesDatabase Need = iota // it makes one
	NeedsDatabase             // it fails, with the path
	MayLackOne                // it works without
	OrEmpty                   // it works on an empty one, which is gone with the command
	KeepsDatabase             // it makes one, which stays if the command calls Keep
)

// Database opens the database; nil where there is none and none is needed.
func (m *Maker) Database(ctx context.Context, n Need) (*Database, error) {
	if db := m.database(); db != nil {
		return db, nil
	}
	db, err := m.open(ctx, n == MakesDatabase || n == KeepsDatabase && m.in.Server != nil)
	if n == KeepsDatabase && errors.Is(err, store.ErrNone) {
		db, err = m.beginDatabase(ctx)
	}
	if n == OrEmpty && errors.Is(err, store.ErrNone) {
		db, err = m.emptyDatabase(ctx)
	}
	if n == MayLackOne && errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range db.Warnings() {
		m.host.Warn("warning: %s", warning)
	}
	m.closing("database", db.Close)
	if m.first == nil {
		m.db = db
	}
	return db, nil
}

// database is the one that was opened; nil: none was.
func (m *Maker) database() *Database {
	if m.first != nil {
		return m.first.database()
	}
	return m.db
}

// open opens the database that the settings name; store.ErrNone where there is
// none and none is to be made.
func (m *Maker) open(ctx context.Context, create bool) (*Database, error) {
	if create {
		if err := m.mayBegin(); err != nil {
			return nil, err
		}
	}
	if m.in.Server != nil {
		return openServer(ctx, *m.in.Server, create)
	}
	return openFile(ctx, m.in.Database, create)
}

// mayBegin refuses a new list where an old one's journals are: whoever moved the
// database file would mail from an empty one without a word.
func (m *Maker) mayBegin() error {
	if m.in.Server != nil {
		return nil // a server's list does not stand beside its journals
	}
	if _, err := os.Stat(m.in.Database); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it, opening tells
	}
	journals, err := filepath.Glob(filepath.Join(m.in.Journals, "*.journal"))
	if err != nil || len(journals) == 0 {
		return err
	}
	return fmt.Errorf("there is no database at %s, but %s has journals of sends (%s): %w", m.in.Database, m.in.Journals, filepath.Base(journals[len(journals)-1]), store.ErrOnlyJournals)
}

func openServer(ctx context.Context, o postgres.Options, create bool) (*Database, error) {
	open := postgres.OpenExisting
	if create {
		open = postgres.Open
	}
	db, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	return overPostgres(db), nil
}

func openFile(ctx context.Context, path string, create bool) (*Database, error) {
	open := sqlite.OpenExisting
	if create {
		open = sqlite.Open
	}
	db, err := open(ctx, path)
	if err != nil {
		return nil, err
	}
	return overSQLite(path, db), nil
}

// emptyDatabase is one in a temporary folder.
func (m *Maker) emptyDatabase(ctx context.Context) (*Database, error) {
	dir, err := os.MkdirTemp("", "digest-empty-*")
	if err != nil {
		return nil, err
	}
	m.closing("empty database", func() error { return os.RemoveAll(dir) }) // after the database, which is opened later
	return openFile(ctx, filepath.Join(dir, "digest.db"), true)
}

// closing has Close close a part.
func (m *Maker) closing(part string, end func() error) {
	if m.first != nil {
		m.first.closing(part, end)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closers = append(m.closers, func() error {
		if err := end(); err != nil {
			return fmt.Errorf("close %s: %w", part, err)
		}
		return nil
	})
}

// readers is the subscribers' list; left is told who leaves by their own link.
func (m *Maker) readers(db *Database, left func(via string)) *subscribers.Service {
	return subscribers.New(db.Readers, db.SignUps, subscribers.Options{
		Now: m.host.Now, Log: m.host.Log, Left: left, Surge: m.in.Signup.Surge, Surged: m.tellSurge(db),
	})
}

// tellSurge tells the editors of a surge of sign-ups, once for each.
func (m *Maker) tellSurge(db *Database) func(context.Context, subscribers.SurgeState) error {
	return func(ctx context.Context, s subscribers.SurgeState) error {
		since := s.Surges[0].Episode
		event := outbox.Surge{Since: since, Asked: s.Asked, Confirmed: s.Confirmed, Held: s.Held, Domains: s.Domains()}
		return db.Outbox.Tell(ctx, m.in.Editors, event, since.UTC().Format(time.RFC3339), m.host.Now())
	}
}

// List is the subscribers' list, for commands that need no more.
func (m *Maker) List(ctx context.Context, n Need) (*subscribers.Service, error) {
	db, err := m.Database(ctx, n)
	if err != nil {
		return nil, err
	}
	return m.readers(db, nil), nil
}

// Tallies are the readers' votes, none without a database.
func (m *Maker) Tallies(ctx context.Context) (votes.Tallies, error) {
	db, err := m.Database(ctx, MayLackOne)
	if err != nil || db == nil {
		return nil, err
	}
	return db.Votes.Tallies(ctx)
}

// Ledger is where sends are kept: a database, and the journals beside it.
func (m *Maker) Ledger(store delivery.Store, leases delivery.Leases) (delivery.Ledger, error) {
	journals, err := journal.OpenFolder(m.in.Journals)
	l := delivery.Ledger{Store: store, Leases: leases, Journals: journals}
	if m.in.Server != nil {
		l.Node = m.nodeName()
	}
	return l, err
}
