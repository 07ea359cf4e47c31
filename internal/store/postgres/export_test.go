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
