package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/storetest"
	"verdicts.example/digest/subscribers"
)

var _ storetest.Database = (*Fixture)(nil)

// A Fixture is a storetest.Database over a database of PostgreSQL's.
type Fixture struct {
	DB  *postgres.DB
	Raw *pgxpool.Pool // another process, as it were
	URL string
}

// Open opens the database at a URL, making its schema where there is none.
func Open(url string) (*Fixture, error) {
	ctx := context.Background()
	db, err := postgres.Open(ctx, postgres.Options{URL: url})
	if err != nil {
		return nil, err
	}
	plain, schema, ok := strings.Cut(url, "?schema=")
	if !ok {
		schema = "digest"
	}
	cfg, err := pgxpool.ParseConfig(plain)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	cfg.MaxConns = 2
	raw, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Fixture{DB: db, Raw: raw, URL: url}, nil
}

// Stores gives the parts.
func (f *Fixture) Stores() storetest.Stores {
	d := f.DB.Deliveries()
	return storetest.Stores{
		Store: d, Leases: f.DB.Leases(), Freezer: d, Notices: f.DB.Notices(),
		Compact: func(before, at time.Time) (int64, error) { return d.Compact(context.Background(), before, at) },
	}
}

// Close closes both; twice does no harm.
func (f *Fixture) Close() error {
	f.Raw.Close()
	return f.DB.Close()
}

func (f *Fixture) exec(query string, args ...any) error {
	_, err := f.Raw.Exec(context.Background(), query, args...)
	return err
}

// Exec runs a statement as another process would.
func (f *Fixture) Exec(query string, args ...any) error { return f.exec(query, args...) }

// Int reads one number.
func (f *Fixture) Int(query string, args ...any) (n int64, err error) {
	err = f.Raw.QueryRow(context.Background(), query, args...).Scan(&n)
	return n, err
}

// AddReaders adds active readers.
func (f *Fixture) AddReaders(n int, email func(int64) string) error {
	first, err := f.Int(`SELECT coalesce(max(id), 0) + 1 FROM subscribers`)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, n)
	for id := first; id < first+int64(n); id++ {
		a, err := subscribers.ParseAddress(email(id))
		if err != nil { // which no store would have taken
			a = subscribers.Address{Email: email(id), Key: email(id), Hash: id}
		}
		token := subscribers.NewToken()
		rows = append(rows, []any{id, a.Email, a.Key, a.Hash, fmt.Sprint("Reader ", id), int16(subscribers.Active), token[:], int64(1)})
	}
	_, err = f.Raw.CopyFrom(context.Background(), pgx.Identifier{"subscribers"},
		[]string{"id", "email", "email_key", "address_hash", "name", "status", "token", "created_at"}, pgx.CopyFromRows(rows))
	if err != nil {
		return err
	}
	return f.exec(`SELECT setval(pg_get_serial_sequence('subscribers', 'id'), (SELECT max(id) FROM subscribers))`)
}

// AddEdition adds a draft that has been built.
func (f *Fixture) AddEdition(week string) (int64, error) {
	return f.Int(`
		INSERT INTO editions (week, state, slot, since, cutoff, subject, hash, created_at)
		VALUES ($1, 'draft', 1, 0, 1, 'Verdicts', 'h', 1) RETURNING id`, week)
}

// Leave unsubscribes.
func (f *Fixture) Leave(readers ...int64) error {
	for _, id := range readers {
		if _, err := f.DB.Subscribers().Leave(context.Background(), id, "test", false, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Suppress keeps a reader off.
func (f *Fixture) Suppress(reader int64) error {
	a, err := f.address(reader)
	if err != nil {
		return err
	}
	return f.DB.Subscribers().Suppress(context.Background(), a, subscribers.Suppression{Reason: subscribers.Manual, At: time.Now()})
}

// Forget erases.
func (f *Fixture) Forget(reader int64) error {
	a, err := f.address(reader)
	if err != nil {
		return err
	}
	_, err = f.DB.Subscribers().Erase(context.Background(), a, time.Now())
	return err
}

func (f *Fixture) address(reader int64) (subscribers.Address, error) {
	s, err := f.DB.Subscribers().ByID(context.Background(), reader)
	if err != nil {
		return subscribers.Address{}, err
	}
	return subscribers.ParseAddress(s.Email)
}

// Settle records outcomes.
func (f *Fixture) Settle(edition int64, to delivery.State, n int, reply string, at time.Time) error {
	next := int64(0)
	if to == delivery.Deferred {
		next = at.UnixMilli() + 900000
	}
	return f.exec(`
		UPDATE deliveries SET state = $1, reply = $2, attempts = 1, dots = 1, at = $3, next_attempt = $4
		WHERE edition_id = $5 AND subscriber_id IN (
		    SELECT subscriber_id FROM deliveries WHERE edition_id = $5 AND state = 0 ORDER BY subscriber_id LIMIT $6)`,
		int16(to), reply, at.UnixMilli(), next, edition, n)
}

// Vary gives another variant.
func (f *Fixture) Vary(edition, upTo int64, variant int) error {
	return f.exec(`UPDATE deliveries SET variant = $1 WHERE edition_id = $2 AND subscriber_id <= $3`, variant, edition, upTo)
}

// Entitle gives a subject.
func (f *Fixture) Entitle(edition int64, subject string) error {
	return f.exec(`UPDATE editions SET subject = $1 WHERE id = $2`, subject, edition)
}

// Return makes everybody active.
func (f *Fixture) Return() error {
	return errors.Join(
		f.exec(`UPDATE subscribers SET status = 1, suppressed = 0`),
		f.exec(`DELETE FROM suppressions`))
}

// Suppression is why a reader is kept off.
func (f *Fixture) Suppression(reader int64) (subscribers.Reason, error) {
	n, err := f.Int(`SELECT suppressed FROM subscribers WHERE id = $1`, reader)
	return subscribers.Reason(n), err
}

// Pause pauses or lets go on.
func (f *Fixture) Pause(edition int64, reason string) error {
	return f.exec(`UPDATE editions SET pause_reason = $1 WHERE id = $2 AND state = 'sending'`, reason, edition)
}

// Cancel cancels the edition alone.
func (f *Fixture) Cancel(edition int64) error {
	return f.exec(`UPDATE editions SET state = 'cancelled', pause_reason = '' WHERE id = $1`, edition)
}

// Block holds what every write of a send and of the list needs.
func (f *Fixture) Block() (func() error, error) {
	ctx := context.Background()
	tx, err := f.Raw.Begin(ctx)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `LOCK TABLE subscribers, deliveries, send_journals, editions IN ACCESS EXCLUSIVE MODE`)
	return func() error { return tx.Commit(ctx) }, err
}

// Backup dumps the schema into a file, as pg_dump does.
func (f *Fixture) Backup(path string) error {
	plain, schema, _ := strings.Cut(f.URL, "?schema=")
	return client("pg_dump", "--schema="+schema, "--file="+path, plain)
}

// Restore puts what Backup wrote in the place of the database that belongs to a
// folder.
func Restore(backup, dir string) error {
	url, err := os.ReadFile(dir + "/postgres.url")
	if err != nil {
		return err
	}
	plain, schema, _ := strings.Cut(string(url), "?schema=")
	return client("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--command=SET client_min_messages = error; DROP SCHEMA "+schema+" CASCADE",
		"--file="+backup, "--output="+os.DevNull, plain)
}

// client runs one of the server's client programs.
func client(name string, args ...string) error {
	out, err := exec.Command(filepath.Join(Find("15"), name), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// Sound compares the counts with the rows.
func (f *Fixture) Sound() error {
	wrong, err := f.Int(`
		SELECT count(*) FROM (
			SELECT edition_id, epoch, state, relay, sum(n) FROM (
				SELECT edition_id, epoch, state, relay, n FROM counts_now
				WHERE edition_id IN (SELECT edition_id FROM sends WHERE compacted_at = 0)
				UNION ALL
				SELECT edition_id, epoch, state, relay, -1 FROM deliveries
				WHERE edition_id IN (SELECT edition_id FROM sends WHERE compacted_at = 0)) c
			GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0) w`)
	if err == nil && wrong > 0 {
		return fmt.Errorf("%d counts are not those of the rows", wrong)
	}
	return err
}

// Size is the schema's.
func (f *Fixture) Size() (int64, error) {
	return f.Int(`
		SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind = 'r'`)
}

// Tamper spoils a record.
func (f *Fixture) Tamper(edition, reader int64, how storetest.Tampering) error {
	query := map[storetest.Tampering]string{
		storetest.LoseRow:     `DELETE FROM deliveries WHERE edition_id = $1 AND subscriber_id = $2`,
		storetest.ForgeAccept: `UPDATE deliveries SET state = 3 WHERE edition_id = $1 AND subscriber_id = $2`,
		storetest.ForgetEnd:   `UPDATE deliveries SET dots = 0, state = 0 WHERE edition_id = $1 AND subscriber_id = $2`,
	}[how]
	return f.exec(query, edition, reader)
}

// Lapse ends every lease, as time would.
func (f *Fixture) Lapse() error {
	return f.exec(`UPDATE send_leases SET expires_at = clock_timestamp() - interval '1 second' WHERE expires_at IS NOT NULL`)
}

// At opens the database that belongs to a folder, one that fresh gives where the
// folder has none yet.
func At(dir string, fresh func() string) (*Fixture, error) {
	file := dir + "/postgres.url"
	if known, err := os.ReadFile(file); err == nil {
		return Open(string(known))
	}
	url := fresh()
	if err := os.WriteFile(file, []byte(url), 0o600); err != nil {
		return nil, err
	}
	return Open(url)
}
