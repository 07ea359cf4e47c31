package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"verdicts.example/digest/internal/journal"
)

// identityColumns ask for the timeline of the log that is being written: the control
// file's, which pg_control_checkpoint gives, lags behind a promotion until its
// checkpoint.
const identityColumns = `
	       (SELECT system_identifier::text FROM pg_control_system()),
	       CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END`

const identityQuery = `SELECT ` + identityColumns

// Servers that a connection is not made to; where the URL names several, the next
// one is tried.
var (
	errStandby = errors.New("the server is a standby and takes no writes")
	errFormer  = errors.New("the server is a former primary: another has been promoted since")
)

// server is what the database runs on: a cluster, and the timeline that a
// promotion begins anew.
type server struct {
	system   string
	timeline int64
}

// String is how the server is named to people, and beside a journal.
func (s server) String() string { return fmt.Sprintf("cluster %s, timeline %d", s.system, s.timeline) }

// logTimeline is the timeline as the log's files are named by it.
func (s server) logTimeline() string { return fmt.Sprintf("%08X", s.timeline) }

func (s server) seen() journal.Server { return journal.Server{Cluster: s.system, Timeline: s.timeline} }

// validate is asked of each new connection, before anybody uses it: what the URL
// asks for, then where it leads.
func (db *DB) validate(first pgconn.ValidateConnectFunc) pgconn.ValidateConnectFunc {
	return func(ctx context.Context, c *pgconn.PgConn) error {
		if first != nil {
			if err := first(ctx, c); err != nil {
				return err
			}
		}
		now, err := identityOf(ctx, c)
		if err != nil {
			return err
		}
		return db.follow(now)
	}
}

func identityOf(ctx context.Context, c *pgconn.PgConn) (server, error) {
	res, err := c.Exec(ctx, identityQuery).ReadAll()
	if err != nil {
		return server{}, err
	}
	row := res[0].Rows[0]
	return identified(string(row[0]), string(row[1]))
}

// identified makes a server of what identityColumns say.
func identified(system, timeline string) (s server, err error) {
	if s.system = system; timeline == "" {
		return s, errStandby
	}
	s.timeline, err = strconv.ParseInt(timeline, 16, 64)
	return s, err
}

// here is the server that a transaction is on, and is followed. What a connection led
// to when it was made does not tell: a pooler may have been pointed at another server
// since.
func (db *DB) here(ctx context.Context, tx pgx.Tx) (server, error) {
	var system, timeline string
	if err := tx.QueryRow(ctx, identityQuery).Scan(&system, &timeline); err != nil {
		return server{}, err
	}
	now, err := identified(system, timeline)
	if err == nil {
		err = db.follow(now)
	}
	return now, err
}

// follow looks where a connection leads. Another cluster is refused, and the
// primary that was there before a promotion, which somebody has started again. A
// standby that was promoted is followed: what it may have forgotten is for the
// journals to say, so no sender that began before goes on (see held).
func (db *DB) follow(now server) error {
	for {
		was := db.server.Load()
		switch {
		case was == nil:
		case now.system != was.system:
			return fmt.Errorf("%w: it was %s, it is %s", ErrMoved, was, now)
		case now.timeline < was.timeline:
			return fmt.Errorf("%w: it is on timeline %d, after %d", errFormer, now.timeline, was.timeline)
		case now == *was:
			return nil
		}
		if db.server.CompareAndSwap(was, &now) {
			if was != nil {
				db.pool.Reset() // what leads to the former primary is used no more
			}
			return nil
		}
	}
}
