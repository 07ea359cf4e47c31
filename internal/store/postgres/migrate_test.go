package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

// madeBefore makes a database as the program made it whose last migration was before the
// one given, with a send of ten readers: six of them are claimed, one of those is dotting
// and one accepted, by a sender that has died.
func madeBefore(t *testing.T, version, migration string) (url string) {
	t.Helper()
	url = postgrestest.Database(t, version)
	c, err := pgx.Connect(t.Context(), url)
	try(t, err)
	defer func() { try(t, c.Close(context.Background())) }()
	script := `CREATE SCHEMA digest; SET search_path = digest; CREATE TABLE schema_versions (version integer PRIMARY KEY);`
	files, err := filepath.Glob("migrations/*.sql")
	try(t, err)
	for _, f := range files {
		if filepath.Base(f) >= migration {
			break
		}
		text, err := os.ReadFile(f)
		try(t, err)
		script += string(text) + fmt.Sprintf("; INSERT INTO schema_versions VALUES (%s);", filepath.Base(f)[:4])
	}
	_, err = c.PgConn().Exec(t.Context(), script+sendOf39).ReadAll()
	try(t, err)
	return url
}

const sendOf39 = `
	INSERT INTO subscribers (id, email, email_key, address_hash, status, token, created_at)
	SELECT i, 'reader' || i || '@d.example', 'reader' || i || '@d.example', i, 1, decode(md5(i::text), 'hex'), 1 FROM generate_series(1, 10) i;
	INSERT INTO editions (id, week, state, slot, since, cutoff, subject, hash, created_at, frozen_at) VALUES (17, '2026-W40', 'sending', 1, 0, 1, 'Verdicts', 'h', 1, 1);
	INSERT INTO sends (edition_id, recipients, started_at) VALUES (17, 10, 1);
	CREATE TABLE deliveries_17 (LIKE deliveries INCLUDING DEFAULTS) WITH (fillfactor = 45);
	INSERT INTO deliveries_17 (edition_id, subscriber_id, address_hash, at) SELECT 17, i, i, 1 FROM generate_series(1, 10) i;
	ALTER TABLE deliveries_17 ADD CONSTRAINT deliveries_17_address UNIQUE (address_hash, tie);
	ALTER TABLE deliveries_17 ADD CONSTRAINT deliveries_17_edition CHECK (edition_id = 17);
	ALTER TABLE deliveries_17 ADD CONSTRAINT deliveries_17_reader UNIQUE (subscriber_id);
	CREATE INDEX deliveries_17_due ON deliveries_17 (next_attempt) WHERE next_attempt > 0;
	CREATE TRIGGER changed AFTER UPDATE ON deliveries_17 REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION deliveries_changed();
	CREATE TRIGGER gone AFTER DELETE ON deliveries_17 REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION deliveries_gone();
	ALTER TABLE deliveries ATTACH PARTITION deliveries_17 FOR VALUES IN (17);
	INSERT INTO send_shards (edition_id, shard, first_id, last_id, recipients, epoch) VALUES (17, 0, 1, 10, 10, 1);
	INSERT INTO send_counts (edition_id, epoch, state, n) VALUES (17, 0, 0, 10);
	INSERT INTO send_leases (edition_id, node, epoch, host, holder, lasts, expires_at) VALUES (17, 'old', 1, 'h', 'h', '1 s', now() - interval '1 s');
	INSERT INTO send_epochs (edition_id, epoch, node, holder, began_at) VALUES (17, 1, 'old', 'h', 1);
	INSERT INTO send_journals (edition_id, node, seq, server) SELECT 17, 'old', 0, server FROM servers;
	UPDATE deliveries_17 SET state = 1, epoch = 1 WHERE subscriber_id <= 6;
	UPDATE deliveries_17 SET state = 2, dots = 1 WHERE subscriber_id <= 2;
	UPDATE deliveries_17 SET state = 3, attempts = 1 WHERE subscriber_id = 1;`

// TestMigratesASend opens a database of before usual groups in the middle of a send, and
// goes on with it: as it was counted, so it is counted on, and compacted in the end.
func TestMigratesASend(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		db, err := postgrestest.Open(madeBefore(t, version, "0040"))
		try(t, err)
		f := deliverytest.Over(t, t.TempDir(), db)
		f.Edition = 17
		try(t, db.Sound())
		s := beginAs(t, f, "new")
		if got, want := f.Counts(), (delivery.Counts{delivery.Queued: 8, delivery.Unknown: 1, delivery.Accepted: 1}); got != want {
			t.Fatalf("taken over: got %v, want %v", got, want)
		}
		claimed(t, s, 8)
		for i := range int64(8) {
			var took []int64
			if i > 0 {
				took = []int64{i + 2}
			}
			record(t, s, deliverytest.UsualGroup(uint64(i+1), took, []int64{i + 3}))
			try(t, db.Sound())
		}
		if n := number(t, db, `SELECT tally_accepted FROM send_journals WHERE node = 'new'`); n == 0 {
			t.Error("got no usual group, want some")
		}
		record(t, s, deliverytest.UsualGroup(9, []int64{10}, nil))
		try(t, f.Leases.Release(t.Context(), s.Sender))
		if got, want := f.Counts(), (delivery.Counts{delivery.Unknown: 1, delivery.Accepted: 9}); got != want {
			t.Fatalf("sent: got %v, want %v", got, want)
		}
		f.Resolve(delivery.ResolveSent)
		if finished, err := s.Finish(t.Context(), time.Now()); finished || err == nil {
			t.Errorf("finished without a lease: got %v, %v", finished, err)
		}
		last := beginAs(t, f, "last")
		if finished, err := last.Finish(t.Context(), time.Now()); !finished || err != nil {
			t.Errorf("got %v, %v, want it finished", finished, err)
		}
		if dropped, err := f.Stores.Compact(time.Now().Add(time.Hour), time.Now()); err != nil || dropped != 10 {
			t.Errorf("compacted: got %d dropped and %v, want 10", dropped, err)
		}
	})
}

// TestMigratesADump has the database of before moved to a newer server with pg_dump, whose
// constraints have other names than a table's that was made there.
func TestMigratesADump(t *testing.T) {
	t.Parallel()
	from, to := madeBefore(t, "15", "0040"), postgrestest.Database(t, "18")
	dump := filepath.Join(t.TempDir(), "dump.sql")
	run := func(program string, args ...string) {
		out, err := osexec.Command(filepath.Join(postgrestest.Find("15"), program), args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	run("pg_dump", "--schema=digest", "--no-owner", "--file="+dump, from)
	run("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file="+dump, to)
	db, err := postgrestest.Open(to)
	try(t, err)
	try(t, errors.Join(db.Sound(), db.Close()))
}
