package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/plainsql"
)

var (
	_ delivery.Store   = Deliveries{}
	_ delivery.Freezer = Deliveries{}
)

// Deliveries are who gets which edition, and what became of it.
type Deliveries struct{ db *DB }

// Deliveries gives the database's deliveries.
func (db *DB) Deliveries() Deliveries { return Deliveries{db} }

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
	if out.Recipients, err = insertDeliveries(ctx, tx, f); err != nil {
		return delivery.Frozen{}, err
	}
	var mailable int64
	topics, err := foldedTopics(f.Topics)
	if err != nil {
		return delivery.Frozen{}, err
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM subscribers WHERE `+wantsEdition, toMillis(f.At), topics).Scan(&mailable)
	if err != nil {
		return delivery.Frozen{}, err
	}
	out.Duplicates = mailable - out.Recipients
	if out.Recipients == 0 {
		return delivery.Frozen{}, delivery.ErrNobody
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
	return plainsql.InsertFrozen(ctx, plainTx{tx}, f.Edition, edition.Variant{Message: f.Message, Sender: f.Sender})
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
	topics, err := foldedTopics(f.Topics)
	if err != nil {
		return 0, err
	}
	return changed(tx.ExecContext(ctx, `
		INSERT INTO deliveries (edition_id, subscriber_id, address_hash, at, reply)
		SELECT ?3, id, address_hash, ?1, ?4
		FROM subscribers
		WHERE `+wantsEdition+`
		ORDER BY id
		ON CONFLICT DO NOTHING`,
		toMillis(f.At), topics, f.Edition, padReply("")))
}

// wantsEdition is the condition on a reader who gets an edition frozen at ?1 with
// the topics ?2, a JSON array: mailable, not paused, and with no topics or one of
// these.
const wantsEdition = isMailable + ` AND paused_until <= ?1
		AND (categories = '' OR ?2 = '[]' OR EXISTS (
			SELECT 1 FROM json_each(?2) WHERE instr(',' || lower(categories) || ',', ',' || value || ',') > 0))`

// foldedTopics is what SQLite's lower makes of topics, which leaves other letters
// than ASCII's as they are.
func foldedTopics(topics []string) (string, error) {
	folded := make([]string, 0, len(topics))
	for _, t := range topics {
		folded = append(folded, strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r - 'A' + 'a'
			}
			return r
		}, t))
	}
	b, err := json.Marshal(folded)
	return string(b), err
}
