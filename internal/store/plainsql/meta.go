package plainsql

import (
	"context"
	"fmt"
)

// secretBytes is the length of a database's secret.
const secretBytes = 32

// Secret gives the random bytes that were made with the database, from which
// message ids, VERP tags and the like are derived. It stays the same for the
// database's life and goes with its backups.
func (db DB) Secret(ctx context.Context) (secret []byte, err error) {
	err = db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, "SELECT value FROM meta WHERE key = 'secret'").Scan(&secret)
	})
	if err == nil && len(secret) != secretBytes {
		err = fmt.Errorf("got %d bytes, want %d; restore a backup", len(secret), secretBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("read the database's secret: %w", err)
	}
	return secret, nil
}
