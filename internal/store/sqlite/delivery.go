package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

var (
	_ delivery.Store   = Deliveries{}
	_ delivery.Freezer = Deliveries{}
)

// Deliveries are who gets which edition, and what became of it.
type Deliveries struct {
	plainsql.Canaries
	plainsql.Days
	plainsql.SendRecords
	db *DB
}

// Deliveries gives the database's deliveries.
func (db *DB) Deliveries() Deliveries {
	return Deliveries{db.plain().Canaries(), db.plain().Days(), db.plain().SendRecords(), db}
}

// replyRoom is how many bytes a reply takes without moving its row; see the
// migration.
const replyRoom = 46

// growth is by how much a row may become longer otherwise, as its state and its relay
// are other numbers than 0: it is born with that much more of a reply.
const growth = "  "

// Freezing a million readers fills an index in random order: in a 16 MiB page
// cache that takes 3 seconds, in the usual 2 MiB 7.
const (
	freezeCache = `PRAGMA cache_size = -16384`
	normalCache = `PRAGMA cache_size = -2000`
)

// Freeze freezes an edition's bytes and recipients; see
// delivery.Freezer.
func (d Deliveries) Freeze(ctx context.Context, f delivery.Freeze) (delivery.Frozen, error) {
	var out delivery.Frozen
	err := d.db.inTx(ctx, func(tx *sql.Tx) (err error) {
		out, err = plainsql.Freeze(ctx, plainTx{tx}, f, func() (n, duplicates int64, err error) {
			wanted, err := assignVariants(ctx, tx, f)
			if err != nil {
				return 0, 0, err
			}
			n, err = insertDeliveries(ctx, tx, f)
			return n, wanted - n, err
		})
		return err
	})
	if err == nil {
		_, err = d.db.w.ExecContext(ctx, `PRAGMA shrink_memory`) // the large cache's
	}
	if err != nil {
		return delivery.Frozen{}, fmt.Errorf("freeze edition %d: %w", f.Edition, err)
	}
	return out, nil
}

// assignVariants notes who gets which variant by their topics, for insertDeliveries,
// and counts who is to get one.
func assignVariants(ctx context.Context, tx *sql.Tx, f delivery.Freeze) (wanted int64, err error) {
	for _, statement := range []string{
		"DROP TABLE IF EXISTS temp.frozen_topics",
		"CREATE TEMP TABLE frozen_topics (categories TEXT PRIMARY KEY, variant INTEGER NOT NULL) WITHOUT ROWID",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return 0, err
		}
	}
	for categories, variant := range f.Topics {
		if _, err := tx.ExecContext(ctx, "INSERT INTO temp.frozen_topics VALUES (?, ?)", categories, variant); err != nil {
			return 0, err
		}
	}
	if f.Topics == nil {
		if _, err := tx.ExecContext(ctx, "INSERT INTO temp.frozen_topics SELECT DISTINCT categories, 0 FROM subscribers"); err != nil {
			return 0, err
		}
	}
	var unknown int64
	err = tx.QueryRowContext(ctx, `
		SELECT count(*) FILTER (WHERE t.variant >= 0), count(*) FILTER (WHERE t.variant IS NULL)
		FROM subscribers s LEFT JOIN temp.frozen_topics t ON t.categories = s.categories
		WHERE `+plainsql.Recipients(f, "?1"), toMillis(f.At)).Scan(&wanted, &unknown)
	if err == nil && unknown > 0 {
		err = fmt.Errorf("%w: of %d readers", delivery.ErrTopics, unknown)
	}
	return wanted, err
}

// insertDeliveries copies the list. Of two readers with the same address hash
// the first is kept: either it is one mailbox, or somebody has searched for two
// of their own addresses that collide.
func insertDeliveries(ctx context.Context, tx *sql.Tx, f delivery.Freeze) (n int64, err error) {
	if _, err := tx.ExecContext(ctx, freezeCache); err != nil {
		return 0, err
	}
	defer func() {
		_, e := tx.ExecContext(ctx, normalCache)
		err = errors.Join(err, e)
	}()
	return changed(tx.ExecContext(ctx, `
		INSERT INTO deliveries (edition_id, subscriber_id, address_hash, at, reply, variant)
		SELECT ?2, s.id, s.address_hash, ?1, ?3, t.variant
		FROM subscribers s CROSS JOIN temp.frozen_topics t ON t.categories = s.categories
		WHERE `+plainsql.Recipients(f, "?1")+` AND t.variant >= 0
		ORDER BY s.id
		ON CONFLICT DO NOTHING`,
		toMillis(f.At), f.Edition, padReply("")+growth))
}
