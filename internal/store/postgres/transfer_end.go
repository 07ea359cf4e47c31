package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/transfer"
)

// Begin makes the database one that receives a list.
func (m mover) Begin(ctx context.Context, secret []byte, at transfer.Progress) error {
	return m.inTx(ctx, func(tx pgx.Tx) error {
		return plainsql.BeginReceiving(ctx, plainTx{tx}, secret, at)
	})
}

// writeDeliveries copies a page into the tables of its editions, which get their
// keys at the end.
func (m mover) writeDeliveries(ctx context.Context, tx pgx.Tx, columns []string, rows [][]any) error {
	at := slices.Index(columns, "edition_id")
	for len(rows) > 0 {
		id := rows[0][at].(int64)
		n := slices.IndexFunc(rows, func(r []any) bool { return r[at] != id })
		if n < 0 {
			n = len(rows)
		}
		if err := m.haveTable(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{tableOf(id)}, columns, pgx.CopyFromRows(rows[:n])); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (m mover) haveTable(ctx context.Context, tx pgx.Tx, id int64) error {
	var there bool
	err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", m.schema+"."+tableOf(id)).Scan(&there)
	if err != nil || there {
		return err
	}
	return makeTable(ctx, tx, tableOf(id), fillToKeep)
}

// countDeliveries counts the rows of all editions' tables.
func (m mover) countDeliveries(ctx context.Context) (n int64, err error) {
	rows, err := m.pool.Query(ctx, `
		SELECT relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
		WHERE s.nspname = $1 AND c.relkind = 'r' AND relname ~ '^edition_[0-9]+_deliveries$'`, m.schema)
	tables, err := collect(rows, err, pgx.RowTo[string])
	for _, t := range tables {
		var here int64
		if err == nil {
			err = m.pool.QueryRow(ctx, "SELECT count(*) FROM "+t).Scan(&here)
		}
		n += here
	}
	return n, m.fault(err)
}

// Complete makes it one that holds the list: what only this store keeps is made
// of the rows, and the journals beside it are bound to this server.
func (m mover) Complete(ctx context.Context, last transfer.Numbers) error {
	return m.inTx(ctx, func(tx pgx.Tx) error {
		if err := m.completeSends(ctx, tx); err != nil {
			return err
		}
		tables, err := m.numbered(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if last[t] == 0 {
				continue
			}
			if _, err := tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", t, last[t]); err != nil {
				return fmt.Errorf("number %s: %w", t, err)
			}
		}
		return plainsql.EndReceiving(ctx, plainTx{tx})
	})
}

// completeSends gives every send its table's keys, its parts and its counts, and
// binds its journals to this server.
func (m mover) completeSends(ctx context.Context, tx pgx.Tx) error {
	type send struct{ id, recipients int64 }
	rows, err := tx.Query(ctx, "SELECT edition_id, recipients FROM sends ORDER BY edition_id")
	sends, err := collect(rows, err, func(row pgx.CollectableRow) (s send, err error) { return s, row.Scan(&s.id, &s.recipients) })
	if err != nil {
		return err
	}
	for _, s := range sends {
		err := m.haveTable(ctx, tx, s.id)
		if err == nil {
			err = attachTable(ctx, tx, s.id, tableOf(s.id))
		}
		if err == nil {
			err = insertShards(ctx, tx, s.id, s.recipients)
		}
		if err != nil {
			return fmt.Errorf("complete the send of edition %d: %w", s.id, err)
		}
	}
	_, err = tx.Exec(ctx, `UPDATE send_journals SET server = $1`, m.server.Load().String())
	return err
}
