package postgres

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"verdicts.example/digest/internal/idleconn"
	"verdicts.example/digest/internal/store/plainsql"
)

// defaultSchema holds the list when the URL names none.
const defaultSchema = "digest"

// A connection whose other end is gone is given up after linkLost, so that a cut
// link holds nobody for a quarter of an hour.
const (
	connectFor = 5 * time.Second
	linkLost   = 10 * time.Second
	leastConns = 8
)

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// A target is where to connect to.
type target struct {
	name, schema string
	config       *pgxpool.Config
	validate     pgconn.ValidateConnectFunc // what target_session_attrs asks for; nil: any server
}

// parse reads the options. What it complains of has no password in it.
func parse(o Options) (target, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return target{}, fmt.Errorf("it must look like postgres://USER@HOST:PORT/NAME?sslmode=verify-full")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, fmt.Errorf("its parameters: %w", err)
	}
	t := target{schema: defaultSchema}
	if q.Has("schema") {
		t.schema = q.Get("schema")
		q.Del("schema")
		u.RawQuery = q.Encode()
	}
	t.name = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	if t.schema != defaultSchema {
		t.name += "?schema=" + t.schema
	}
	if !schemaName.MatchString(t.schema) {
		return t, fmt.Errorf("%s: schema %q is not a plain name (a-z, 0-9, _)", t.name, t.schema)
	}
	if t.config, err = pgxpool.ParseConfig(u.String()); err != nil {
		return t, fmt.Errorf("%s: %w", t.name, err) // pgx leaves the password out
	}
	if c := t.config.ConnConfig; c.Password == "" {
		c.Password = o.Password
	}
	if o.application == "" {
		o.application = applicationOf(t.schema)
	}
	t.validate = t.config.ConnConfig.ValidateConnect
	t.tune(q.Has("pool_max_conns"), o.application)
	return t, nil
}

// applicationOf names the connections of who uses a schema's list.
func applicationOf(schema string) string { return "digest " + schema }

func (t target) tune(sized bool, application string) {
	if !sized {
		t.config.MaxConns = max(t.config.MaxConns, leastConns)
	}
	c := t.config.ConnConfig
	c.RuntimeParams["search_path"] = t.schema
	c.RuntimeParams["application_name"] = application
	if c.ConnectTimeout == 0 || c.ConnectTimeout > connectFor {
		c.ConnectTimeout = connectFor
	}
	d := &net.Dialer{
		Timeout:         connectFor,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: linkLost / 2, Interval: linkLost / 8, Count: 4},
		Control:         giveUpUnacknowledged,
	}
	c.DialFunc = d.DialContext
	t.config.MaxConnLifetimeJitter = time.Minute
	t.config.ShouldPing = doubtful
}

// idleLong is how long a connection may be idle and is used again without a question.
const idleLong = time.Second

// doubtful reports whether a pooled connection is to be asked whether it lives: it was
// idle for long, or its server has said something since, as one says that stops. So
// nobody's query is lost to a connection that ended while nobody used it.
func doubtful(_ context.Context, p pgxpool.ShouldPingParams) bool {
	return p.IdleDuration > idleLong || idleconn.NewProber(belowTLS(p.Conn.PgConn().Conn())).Pending()
}

func belowTLS(c net.Conn) net.Conn {
	if encrypted, ok := c.(*tls.Conn); ok {
		return encrypted.NetConn()
	}
	return c
}

// connect makes the pool, and one connection to see that it works. A pooler that
// takes no search_path gets none: then the role has to have it.
func (t target) connect(ctx context.Context) (*DB, error) {
	db := &DB{name: t.name, schema: t.schema}
	db.Parts = plainsql.NewParts(db.plain())
	t.config.ConnConfig.ValidateConnect = db.validate(t.validate)
	pool, err := pgxpool.NewWithConfig(ctx, t.config)
	if err != nil {
		return nil, err
	}
	db.pool = pool
	err = pool.Ping(ctx)
	if sqlState(err) == "08P01" && t.config.ConnConfig.RuntimeParams["search_path"] != "" {
		delete(t.config.ConnConfig.RuntimeParams, "search_path")
		_ = db.Close() // nothing was open
		return t.connect(ctx)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}
