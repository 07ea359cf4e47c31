package sqlite

import (
	"context"
	"fmt"
)

// secretBytes is the length of the database's secret.
const secretBytes = 32

// Secret gives the random bytes that were made with the database, from which
// message ids, VERP tags and the like are derived. It stays the same for the
// database's life and goes with its backups.
func (db *DB) Secret(ctx context.Context) ([]byte, error) {
	var secret []byte
	if err := db.r.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'secret'").Scan(&secret); err != nil {
		return nil, fmt.Errorf("read the database's secret: %w", db.fault(err))
	}
	if len(secret) != secretBytes {
		return nil, fmt.Errorf("read the database's secret: got %d bytes, want %d; restore a backup", len(secret), secretBytes)
	}
	return secret, nil
}
