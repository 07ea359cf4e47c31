package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
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

// A send has a part for each shardLeast readers, and at most shardsMost.
const (
	shardsMost = 256
	shardLeast = 500
)

// tableOf is the table of an edition's deliveries. Who changes rows of it by this name
// keeps their counts; see named.
func tableOf(edition int64) string {
	return "edition_" + strconv.FormatInt(edition, 10) + "_deliveries"
}

// named is what tells an edition's deliveries from others, in statements that change some
// of them in deliveries, whose trigger keeps the counts. It is no parameter, so that the
// server sees when it plans that no other edition's table is concerned.
func named(edition int64) string { return "edition_id = " + strconv.FormatInt(edition, 10) }

// Freeze freezes an edition's bytes and recipients in one transaction; see
// delivery.Freezer. The edition's table is filled before it has indexes, and
// joins the others when it is whole. Of addresses with the same hash each gets
// the edition: they are told apart by a number. Where the server has changed lately,
// journals are waited for; see awaitJournals.
func (d Deliveries) Freeze(ctx context.Context, f delivery.Freeze) (delivery.Frozen, error) {
	var out delivery.Frozen
	err := d.db.inTx(ctx, func(tx pgx.Tx) (err error) {
		if out, err = freeze(ctx, tx, f); err != nil || out.Resumed {
			return err
		}
		here, err := d.db.here(ctx, tx)
		if err != nil {
			return err
		}
		return awaitJournals(ctx, tx, here, f.Edition, f.At)
	})
	if err != nil {
		return delivery.Frozen{}, fmt.Errorf("freeze edition %d: %w", f.Edition, err)
	}
	return out, nil
}

func freeze(ctx context.Context, tx pgx.Tx, f delivery.Freeze) (delivery.Frozen, error) {
	out, err := plainsql.Freeze(ctx, plainTx{tx}, f, func() (int64, int64, error) {
		n, err := fillDeliveries(ctx, tx, f)
		return n, 0, err
	})
	if err != nil || out.Resumed {
		return out, err
	}
	if err := insertShards(ctx, tx, f.Edition, out.Recipients); err != nil {
		return out, fmt.Errorf("shards: %w", err)
	}
	return out, nil
}

// fillDeliveries copies the list into the edition's table, each reader with the
// variant for their topics.
func fillDeliveries(ctx context.Context, tx pgx.Tx, f delivery.Freeze) (int64, error) {
	if err := makeTable(ctx, tx, tableOf(f.Edition), fillToSend); err != nil {
		return 0, fmt.Errorf("make its table: %w", err)
	}
	names, variants := []string{}, []int32{}
	for categories, variant := range f.Topics {
		names, variants = append(names, categories), append(variants, int32(variant))
	}
	other := int32(0)
	if f.Topics != nil {
		other = unknownTopics
	}
	n, err := run(ctx, tx, `
		INSERT INTO `+tableOf(f.Edition)+` (edition_id, subscriber_id, address_hash, at, variant)
		SELECT $2, s.id, s.address_hash, $1, coalesce(t.variant, $5)
		FROM subscribers s LEFT JOIN unnest($3::text[], $4::int[]) t (categories, variant) ON t.categories = s.categories
		WHERE `+plainsql.Recipients(f, "$1")+` AND (t.variant >= 0 OR t.variant IS NULL)
		ORDER BY s.id`, column.Millis(f.At), f.Edition, names, variants, other)
	if err != nil {
		return 0, fmt.Errorf("fill its table: %w", err)
	}
	if err := knowsTopics(ctx, tx, f); err != nil {
		return 0, err
	}
	return n, attachTable(ctx, tx, f.Edition, tableOf(f.Edition))
}

// unknownTopics is the variant of readers of whose topics a freeze says nothing.
const unknownTopics = -2

// knowsTopics fails with delivery.ErrTopics when there are such readers. It looks
// at what was copied, not at the list: that may have changed since.
func knowsTopics(ctx context.Context, tx pgx.Tx, f delivery.Freeze) error {
	if f.Topics == nil {
		return nil
	}
	var unknown int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM `+tableOf(f.Edition)+` WHERE variant = $1`, unknownTopics).Scan(&unknown)
	if err == nil && unknown > 0 {
		err = fmt.Errorf("%w: of %d readers", delivery.ErrTopics, unknown)
	}
	return err
}

// How full, in percent, the pages of an edition's table are made. A claim changes all rows
// of a page at once, and so do the intents: a row's next version stays in its page, and
// out of the indexes (HOT), where as much room is left as the rows take. What was sent
// changes little.
const (
	fillToSend = 45
	fillToKeep = 90
)

// makeTable makes an edition's table, which is nobody else's yet.
func makeTable(ctx context.Context, tx pgx.Tx, name string, fill int) error {
	_, err := tx.Exec(ctx, fmt.Sprintf(`CREATE TABLE %s (LIKE deliveries INCLUDING DEFAULTS) WITH (fillfactor = %d)`, name, fill))
	return err
}

// attachTable gives an edition's table its keys and makes it one of the others.
func attachTable(ctx context.Context, tx pgx.Tx, id int64, name string) error {
	if err := uniqueAddresses(ctx, tx, name); err != nil {
		return fmt.Errorf("its addresses: %w", err)
	}
	for _, make := range []string{
		`ALTER TABLE %[1]s ADD CONSTRAINT %[1]s_edition CHECK (edition_id = %[2]d)`,
		`ALTER TABLE %[1]s ADD CONSTRAINT %[1]s_reader UNIQUE (subscriber_id)`,
		`CREATE INDEX %[1]s_due ON %[1]s (next_attempt) WHERE next_attempt > 0`,
		`CREATE TRIGGER gone AFTER DELETE ON %[1]s REFERENCING OLD TABLE AS old_rows
		 FOR EACH STATEMENT EXECUTE FUNCTION deliveries_gone()`,
		`ALTER TABLE deliveries ATTACH PARTITION %[1]s FOR VALUES IN (%[2]d)`,
		`ALTER TABLE %[1]s DROP CONSTRAINT %[1]s_edition`, // which spared ATTACH a look at each row
		`ANALYZE %[1]s`,
	} {
		if _, err := tx.Exec(ctx, fmt.Sprintf(make, name, id)); err != nil {
			return fmt.Errorf("keys of %s: %w", name, err)
		}
	}
	return nil
}

// uniqueAddresses makes the key of addresses. Two addresses with one hash are so
// rare (0.03 % for a hundred million readers) that they are looked for only when
// the key cannot be made; the list's own key makes sure that they are two.
func uniqueAddresses(ctx context.Context, tx pgx.Tx, name string) error {
	key := `ALTER TABLE ` + name + ` ADD CONSTRAINT ` + name + `_address UNIQUE (address_hash, tie)`
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, key)
		return err
	})
	if sqlState(err) != "23505" {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE `+name+` d SET tie = r.n - 1
		FROM (SELECT subscriber_id, row_number() OVER (PARTITION BY address_hash ORDER BY subscriber_id) AS n FROM `+name+`) r
		WHERE r.subscriber_id = d.subscriber_id AND r.n > 1`)
	if err == nil {
		_, err = tx.Exec(ctx, key)
	}
	return err
}

// insertShards cuts a send into ranges of as many readers each, and begins its
// counts.
func insertShards(ctx context.Context, tx pgx.Tx, id, recipients int64) error {
	parts := min(max(recipients/shardLeast, 1), shardsMost)
	_, err := tx.Exec(ctx, `
		INSERT INTO send_shards (edition_id, shard, first_id, last_id, recipients)
		SELECT $1, part - 1, min(subscriber_id), max(subscriber_id), count(*)
		FROM (SELECT subscriber_id, ntile($2) OVER (ORDER BY subscriber_id) AS part FROM `+tableOf(id)+`) p
		GROUP BY part`, id, int32(parts))
	if err == nil {
		_, err = tx.Exec(ctx, `
			INSERT INTO send_counts (edition_id, epoch, state, relay, n)
			SELECT $1, epoch, state, relay, count(*) FROM `+tableOf(id)+` GROUP BY epoch, state, relay`, id)
	}
	return err
}
