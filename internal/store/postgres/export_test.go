package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
)

// FreezeAlone is the edition's part of a freeze.
func (db *DB) FreezeAlone(ctx context.Context, f delivery.Freeze) error {
	return db.inTx(ctx, func(tx pgx.Tx) error { return freezeEdition(ctx, tx, f) })
}

// Exec runs a statement on a database's own connections.
func Exec(ctx context.Context, db *DB, query string, args ...any) error {
	_, err := db.pool.Exec(ctx, query, args...)
	return err
}
