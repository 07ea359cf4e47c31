package bench

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// records are an empty list, whatever keeps it.
type records struct {
	secret     []byte
	editions   plainsql.Editions
	deliveries interface {
		delivery.Store
		delivery.Freezer
	}
	leases  delivery.Leases
	outbox  plainsql.Outbox
	notices plainsql.Notices
	readers subscribers.List
	signUps subscribers.SignUps
	node    string
	server  func() (time.Duration, error) // what the database's processes have used so far; nil: it has none
}

// onSQLite is a file, whose every commit is synced.
func onSQLite(tb testing.TB) records {
	tb.Helper()
	db, err := sqlite.Open(context.Background(), filepath.Join(tb.TempDir(), "digest.db"))
	fatal(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	secret, err := db.Secret(context.Background())
	fatal(tb, err)
	return records{
		secret: secret, editions: db.Editions(), deliveries: db.Deliveries(), leases: db.Leases(),
		outbox: db.Outbox(), notices: db.Notices(), readers: db.Subscribers(), signUps: db.SignUps(),
	}
}

// onPostgreSQL is a schema of a server that syncs.
func onPostgreSQL(server *postgrestest.Server, schema string) func(testing.TB) records {
	return func(tb testing.TB) records { return inSchema(tb, server, schema) }
}

func inSchema(tb testing.TB, server *postgrestest.Server, schema string) records {
	tb.Helper()
	db, err := postgres.Open(context.Background(), postgres.Options{URL: server.URL("postgres") + "?schema=" + schema})
	fatal(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	secret, err := db.Secret(context.Background())
	fatal(tb, err)
	return records{
		secret: secret, editions: db.Editions(), deliveries: db.Deliveries(), leases: db.Leases(), node: "bench", server: server.CPU,
		outbox: db.Outbox(), notices: db.Notices(), readers: db.Subscribers(), signUps: db.SignUps(),
	}
}
