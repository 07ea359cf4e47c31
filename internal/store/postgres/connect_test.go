package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
)

// TestConnectionsEnded ends all of a database's connections while nobody uses them, as
// a server does that is started anew: what is asked next is answered.
func TestConnectionsEnded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		url := postgrestest.Database(t, version)
		db := open(t, url)
		admin, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer admin.Close(t.Context())
		const others = `FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
		for i := range 5 {
			if err := postgres.Exec(t.Context(), db, `SELECT 1`); err != nil { // it has been used just now
				t.Fatalf("round %d: got %v, want an answer", i, err)
			}
			if _, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid, 10000) `+others); err != nil {
				t.Fatal(err)
			}
		}
	})
}
