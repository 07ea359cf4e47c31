package postgres_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/subscribers"
)

// manualRights are the statements that docs/operating.md tells an administrator.
func manualRights(t *testing.T) []string {
	t.Helper()
	manual, err := os.ReadFile("../../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(manual), "```sql\n")
	block, _, _ := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/operating.md has no block of SQL with the role's rights")
	}
	var list []string
	for line := range strings.SplitSeq(block, "\n") {
		if line = strings.TrimSpace(line); strings.HasSuffix(line, ";") {
			list = append(list, strings.TrimSuffix(line, ";"))
		}
	}
	return list
}

// as is the URL for a role.
func as(t *testing.T, raw, role string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}

// The whole job goes with exactly the rights that the manual names: schema, list,
// import, freeze, send, and what doctor asks.
func TestRightsOfTheManual(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		admin := postgrestest.Database(t, version)
		u, err := url.Parse(admin)
		if err != nil {
			t.Fatal(err)
		}
		database := strings.TrimPrefix(u.Path, "/")
		role := "role_" + database
		exec(t, admin, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
		for _, stmt := range manualRights(t) {
			if strings.HasPrefix(stmt, "CREATE DATABASE") {
				continue // the test's is there
			}
			stmt = strings.NewReplacer("DATABASE digest", "DATABASE "+database, "ROLE digest", "ROLE "+role, "TO digest", "TO "+role).Replace(stmt)
			exec(t, admin, stmt)
		}
		db := open(t, as(t, admin, role))
		list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
		if _, err := list.Import(t.Context(), strings.NewReader("email\nada@example.com\nbob@example.com\n"), subscribers.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := list.Erase(t.Context(), "bob@example.com"); err != nil {
			t.Fatal(err)
		}
		exec(t, admin, `INSERT INTO digest.editions (week, state, slot, since, cutoff, subject, hash, created_at)
			VALUES ('2026-W47', 'draft', 1, 0, 1, 'Verdicts', 'h', 1)`)
		if _, err := db.Deliveries().Freeze(t.Context(), delivery.Freeze{Edition: 1, Hash: "h", Message: []byte("m"), At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		journals, err := journal.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		server := &deliverytest.Server{}
		_, err = delivery.Run(t.Context(), delivery.Options{
			Ledger:  delivery.Ledger{Store: db.Deliveries(), Leases: db.Leases(), Journals: journals},
			Edition: 1, Dialer: server, Composer: deliverytest.Composer{}, Holder: "test", Pacing: delivery.Pacing{Connections: 1},
		})
		if err != nil || server.Received()["ada@example.com"] != 1 {
			t.Errorf("got %v, %v, want ada mailed", server.Received(), err)
		}
		state, err := db.State(t.Context(), time.Now)
		if err != nil || state.Version == "" || state.Skew.Abs() > 30*time.Second {
			t.Errorf("got %+v, %v, want the server's state", state, err)
		}
		if !state.Archived.IsZero() || !state.NotArchived.IsZero() || state.Archives {
			t.Errorf("got %+v, want a server that archives nothing", state)
		}
		if damage, err := db.Damage(t.Context()); err != nil || len(damage) > 0 {
			t.Errorf("got %v, %v, want nothing broken", damage, err)
		}
	})
}

// What an operator gets wrong is said in words, and never with a password.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	version := postgrestest.Versions()[0]
	admin := postgrestest.Database(t, version)
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	secret := url.UserPassword("nobody_here", "hunter2")
	change := func(fn func(*url.URL)) string {
		c := *u
		c.User = secret
		fn(&c)
		return c.String()
	}
	exec(t, admin, "CREATE ROLE nobody_here LOGIN PASSWORD 'hunter2'")
	exec(t, admin, "CREATE SCHEMA other CREATE TABLE invoices (id int)")
	for name, c := range map[string]struct {
		url  string
		want []string
	}{
		"no server":      {change(func(u *url.URL) { u.Host = "127.0.0.1:1" }), []string{"cannot be reached"}},
		"no such role":   {strings.Replace(change(func(*url.URL) {}), "nobody_here", "stranger", 1), []string{"stranger"}},
		"no database":    {change(func(u *url.URL) { u.Path = "/missing" }), []string{"missing", "createdb"}},
		"no rights":      {change(func(*url.URL) {}), []string{"CREATE"}},
		"another's":      {admin + "?schema=other", []string{"another program", "schema=NAME"}},
		"a wrong schema": {admin + "?schema=a-b", []string{"not a plain name"}},
		"TLS":            {change(func(u *url.URL) { u.RawQuery = "sslmode=require" }), []string{"TLS"}},
	} {
		db, err := postgres.Open(t.Context(), postgres.Options{URL: c.url})
		if err == nil {
			_ = db.Close()
			t.Errorf("%s: got it opened, want an error", name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q in it", name, err, want)
			}
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, errors.Unwrap(err)), "hunter2") {
			t.Errorf("%s: got the password in %v", name, err)
		}
	}
}

// A pooler in statement mode allows no transactions: it is refused, in words, and
// nothing is made.
func TestPoolerInStatementMode(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start(postgrestest.Bin(t, "15"), t.TempDir()+"/server")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop("immediate") })
	exec(t, server.URL("postgres"), "ALTER ROLE postgres SET search_path = digest")
	pooler := postgrestest.NewPoolerIn(t, "statement", server.Port)
	db, err := postgres.Open(t.Context(), postgres.Options{URL: pooler.URL()})
	if err == nil {
		_ = db.Close()
		t.Fatal("got it opened, want it refused")
	}
	if !errors.Is(err, postgres.ErrPooler) || !strings.Contains(err.Error(), "use transaction mode") {
		t.Errorf("got %v, want the pooler named, and what to do", err)
	}
	if _, err := postgres.OpenExisting(t.Context(), postgres.Options{URL: server.URL("postgres")}); !errors.Is(err, store.ErrNone) {
		t.Errorf("got %v, want no list made", err)
	}
}
