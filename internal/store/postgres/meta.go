package postgres

import (
	"context"
	"fmt"
	"net"
	"time"
)

// pingFor is how long Ping waits for an answer.
const pingFor = 2 * time.Second

// Ping reports whether the database takes writes: it is nil when a transaction
// could be committed just now.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingFor)
	defer cancel()
	_, err := db.pool.Exec(ctx, `
		INSERT INTO meta (key, value) VALUES ('probed', '')
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
	if err != nil {
		return fmt.Errorf("database %s: %w", db.name, db.fault(err))
	}
	return nil
}

// Warnings says what an operator should know of the connection, without a full
// stop: that it is not encrypted and leads to another host.
func (db *DB) Warnings() []string {
	c := db.pool.Config().ConnConfig
	if c.TLSConfig != nil || local(c.Host) {
		return nil
	}
	return []string{fmt.Sprintf("the connection to the database at %s is not encrypted, and readers' addresses go over it: sslmode=verify-full in 'database'", c.Host)}
}

func local(host string) bool {
	if host == "localhost" || len(host) > 0 && host[0] == '/' {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
