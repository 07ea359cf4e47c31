package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
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
		out, err = freezeDeliveries(ctx, tx, f)
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

func freezeDeliveries(ctx context.Context, tx *sql.Tx, f delivery.Freeze) (delivery.Frozen, error) {
	out := delivery.Frozen{Resumed: true}
	err := tx.QueryRowContext(ctx, `SELECT recipients, duplicates FROM sends WHERE edition_id = ?`, f.Edition).
		Scan(&out.Recipients, &out.Duplicates)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	if err := freezeEdition(ctx, tx, f); err != nil {
		return delivery.Frozen{}, err
	}
	out = delivery.Frozen{}
	wanted, err := assignVariants(ctx, tx, f)
	if err != nil {
		return delivery.Frozen{}, err
	}
	if out.Recipients, err = insertDeliveries(ctx, tx, f); err != nil {
		return delivery.Frozen{}, err
	}
	out.Duplicates = wanted - out.Recipients
	if out.Recipients == 0 {
		return delivery.Frozen{}, delivery.ErrNobody
	}
	if err := plainsql.InsertLines(ctx, plainTx{tx}, f.Edition, f.Lines); err != nil {
		return delivery.Frozen{}, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO sends (edition_id, recipients, duplicates, started_at) VALUES (?, ?, ?, ?)`,
		f.Edition, out.Recipients, out.Duplicates, toMillis(f.At))
	return out, err
}

// freezeEdition begins the edition's send and keeps the bytes that its readers
// will get.
func freezeEdition(ctx context.Context, tx *sql.Tx, f delivery.Freeze) error {
	_, err := plainsql.ChangeEdition(ctx, plainTx{tx}, f.Edition, func(e edition.Edition) (edition.Edition, error) {
		return e.Freeze(f.Hash, f.ApprovalRequired, f.At)
	})
	if err != nil {
		return err
	}
	for _, v := range append([]edition.Variant{{Message: f.Message, Sender: f.Sender}}, f.Cuts...) {
		if err := plainsql.InsertFrozen(ctx, plainTx{tx}, f.Edition, v); err != nil {
			return err
		}
	}
	return nil
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
		WHERE `+recipients(f), toMillis(f.At)).Scan(&wanted, &unknown)
	if err == nil && unknown > 0 {
		err = fmt.Errorf("%w: of %d readers", delivery.ErrTopics, unknown)
	}
	return wanted, err
}

// Topics counts readers by their topics; see delivery.Freezer.
func (d Deliveries) Topics(ctx context.Context, at time.Time) (map[string]int64, error) {
	rows, err := d.db.r.QueryContext(ctx, "SELECT categories, count(*) FROM subscribers WHERE "+getsDigests+" GROUP BY categories", toMillis(at))
	if err != nil {
		return nil, fmt.Errorf("count readers by topics: %w", fault(d.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	out := map[string]int64{}
	for rows.Next() {
		var categories string
		var n int64
		if err := rows.Scan(&categories, &n); err != nil {
			return nil, fmt.Errorf("count readers by topics: %w", err)
		}
		out[categories] = n
	}
	return out, fault(d.db.path, rows.Err())
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
		WHERE `+recipients(f)+` AND t.variant >= 0
		ORDER BY s.id
		ON CONFLICT DO NOTHING`,
		toMillis(f.At), f.Edition, padReply("")))
}

// getsDigests is the condition on a reader who gets an edition frozen at ?1, if it
// has something of their topics: mailable and not paused.
const getsDigests = isMailable + ` AND paused_until <= ?1`

// recipients is the condition on a reader, as s, who gets what f freezes.
func recipients(f delivery.Freeze) string {
	if f.Corrects == 0 {
		return getsDigests
	}
	return getsDigests + ` AND ` + plainsql.HasOlder(f.Corrects)
}
