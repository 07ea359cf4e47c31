package postgres_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// each runs a test on every version that there is.
func each(t *testing.T, test func(t *testing.T, version string)) {
	for _, v := range postgrestest.Versions() {
		t.Run(v, func(t *testing.T) {
			t.Parallel()
			postgrestest.Bin(t, v)
			test(t, v)
		})
	}
}

func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, url, query string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Exec(t.Context(), query)
	if err := errors.Join(err, c.Close(context.Background())); err != nil {
		t.Fatal(err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		url := postgrestest.Database(t, version)
		if _, err := postgres.OpenExisting(t.Context(), postgres.Options{URL: url}); !errors.Is(err, store.ErrNone) {
			t.Errorf("an empty database: got %v, want %v", err, store.ErrNone)
		}
		db := open(t, url)
		secret, err := db.Secret(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		again, err := open(t, url).Secret(t.Context())
		if err != nil || string(again) != string(secret) {
			t.Errorf("opened again: got %x, %v, want the same secret %x", again, err, secret)
		}
		other, err := open(t, url+"?schema=order").Secret(t.Context()) // also a word of SQL
		if err != nil || string(other) == string(secret) {
			t.Errorf("another schema: got %x, %v, want a list of its own", other, err)
		}
	})
}

// Nodes that start at once migrate once.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t, "15")
	errs := make(chan error)
	const nodes = 6
	for range nodes {
		go func() {
			db, err := postgres.Open(context.Background(), postgres.Options{URL: url})
			if err == nil {
				err = db.Close()
			}
			errs <- err
		}()
	}
	for range nodes {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T, sql ...string) string {
		url := postgrestest.Database(t, "15")
		for _, q := range sql {
			exec(t, url, q)
		}
		return url
	}
	for name, tt := range map[string]struct {
		url  func(t *testing.T) string
		want error
		says string
	}{
		"no server": {func(*testing.T) string { return "postgres://u:secret@127.0.0.1:1/x" }, store.ErrAway, "127.0.0.1:1"},
		"no database": {func(t *testing.T) string {
			return strings.Replace(fresh(t), "/t", "/nothere", 1)
		}, nil, "createdb"},
		"no role": {func(t *testing.T) string {
			return strings.Replace(fresh(t), "postgres@", "nobody@", 1)
		}, postgres.ErrRefused, "database_password_file"},
		"another program's": {func(t *testing.T) string {
			return fresh(t, "CREATE SCHEMA digest", "CREATE TABLE digest.orders (id int)")
		}, postgres.ErrForeign, "schema=NAME"},
		"a newer schema": {func(t *testing.T) string {
			url := fresh(t)
			open(t, url)
			exec(t, url, "INSERT INTO digest.schema_versions VALUES (9999)")
			return url
		}, postgres.ErrNewerSchema, "9999"},
		"no right to a schema": {func(t *testing.T) string {
			url := fresh(t, "DROP ROLE IF EXISTS lowly", "CREATE ROLE lowly LOGIN")
			return strings.Replace(url, "postgres@", "lowly@", 1)
		}, nil, "CREATE SCHEMA"},
		"commits that may be lost": {func(t *testing.T) string { return fresh(t) + "?synchronous_commit=off" }, postgres.ErrUnsafe, "synchronous_commit"},
		"a schema's odd name":      {func(*testing.T) string { return "postgres://u@127.0.0.1:1/x?schema=My-List" }, nil, "plain name"},
		"no URL":                   {func(*testing.T) string { return "mysql://x" }, nil, "postgres://USER@HOST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := postgres.Open(t.Context(), postgres.Options{URL: tt.url(t)})
			if err == nil {
				_ = db.Close()
				t.Fatal("got it opened, want an error")
			}
			if tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %q, want %v that says %q and no password", err, tt.want, tt.says)
			}
		})
	}
}
