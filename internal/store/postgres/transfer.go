package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/transfer"
)

// Transfer is the database as one end of a move.
func (db *DB) Transfer() transfer.Store { return mover{db, db.plain().Moving()} }

type mover struct {
	*DB
	plainsql.Moving
}

// viewed are the tables that this store keeps otherwise, as a move sees them.
var viewed = map[string]string{
	// What was compacted is counted and has no row.
	"send_totals": `(SELECT edition_id, state, relay, sum(n)::bigint AS deliveries FROM (
			SELECT c.edition_id, c.state, c.relay, c.n FROM counts_now c JOIN sends s ON s.edition_id = c.edition_id AND s.compacted_at > 0
			UNION ALL
			SELECT d.edition_id, d.state, d.relay, -1 FROM deliveries d JOIN sends s ON s.edition_id = d.edition_id AND s.compacted_at > 0) counted
		GROUP BY edition_id, state, relay
		HAVING sum(n) <> 0)`,
	"send_days": `days_now`,
	// Two addresses may have one hash here; the other store has it once.
	"deliveries": `(SELECT edition_id, subscriber_id, address_hash + tie AS address_hash, since, next_attempt, at, epoch,
			attempts, dots, variant, state, fault, reply, relay FROM deliveries)`,
}

func from(table string) string {
	if view, ok := viewed[table]; ok {
		return view + " t"
	}
	return table + " t"
}

// Tables gives the tables.
func (m mover) Tables(ctx context.Context) ([]string, error) {
	rows, err := m.pool.Query(ctx, `
		SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`, m.schema)
	list, err := collect(rows, err, pgx.RowTo[string])
	return list, m.fault(err)
}

// Columns gives a table's columns.
func (m mover) Columns(ctx context.Context, table string) ([]string, error) {
	columns, err := m.columns(ctx, table)
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names, err
}

// A column and its type, as in information_schema.
type typed struct{ name, kind string }

func (m mover) columns(ctx context.Context, table string) ([]typed, error) {
	if table == "send_totals" {
		return []typed{{"edition_id", "bigint"}, {"state", "smallint"}, {"relay", "integer"}, {"deliveries", "bigint"}}, nil
	}
	rows, err := m.pool.Query(ctx, `
		SELECT column_name, data_type FROM information_schema.columns
		WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`, m.schema, table)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (c typed, err error) { return c, row.Scan(&c.name, &c.kind) })
	// What only this store keeps has a default, or is made by Complete.
	return slices.DeleteFunc(list, func(c typed) bool {
		return c.kind == "timestamp with time zone" || table == "send_days" && c.name == "node" || table == "deliveries" && c.name == "tie" ||
			table == "send_journals" && strings.HasPrefix(c.name, "tally_")
	}), m.fault(err)
}

// Count counts a table's rows. Those of deliveries may be in tables that are not
// attached yet.
func (m mover) Count(ctx context.Context, table string) (n int64, err error) {
	if table == "deliveries" {
		return m.countDeliveries(ctx)
	}
	return n, m.fault(m.pool.QueryRow(ctx, "SELECT count(*) FROM "+from(table)).Scan(&n))
}

// Read reads a page. Truth values are numbers in a move.
func (m mover) Read(ctx context.Context, t transfer.Table, columns []string, after transfer.Key, limit int) ([][]any, error) {
	kinds, err := m.kinds(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = asMoved("t."+quoted(c), kinds[c])
	}
	var key, holders []string
	for i, c := range t.Key {
		k := asMoved("t."+quoted(c.Name), kinds[c.Name])
		if c.Text {
			k += ` COLLATE "C"`
		}
		key, holders = append(key, k), append(holders, fmt.Sprintf("$%d", i+1))
	}
	order := strings.Join(key, ", ")
	where := ""
	if len(after) > 0 {
		where = " WHERE (" + order + ") > (" + strings.Join(holders, ", ") + ")"
	}
	rows, err := m.pool.Query(ctx, fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d",
		strings.Join(selected, ", "), from(t.Name), where, order, limit), after...)
	page, err := collect(rows, err, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Name, m.fault(err))
	}
	return page, nil
}

func (m mover) kinds(ctx context.Context, table string) (map[string]string, error) {
	columns, err := m.columns(ctx, table)
	kinds := map[string]string{}
	for _, c := range columns {
		kinds[c.name] = c.kind
	}
	return kinds, err
}

// asMoved gives numbers one width.
func asMoved(column, kind string) string {
	switch kind {
	case "boolean":
		return column + "::int::bigint"
	case "smallint", "integer":
		return column + "::bigint"
	}
	return column
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// Write keeps a page.
func (m mover) Write(ctx context.Context, t transfer.Table, columns []string, rows [][]any, at transfer.Progress) error {
	kinds, err := m.kinds(ctx, t.Name)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for i, c := range columns {
			row[i] = asKept(row[i], kinds[c])
		}
	}
	return m.inTx(ctx, func(tx pgx.Tx) error {
		if err := m.writeRows(ctx, tx, t.Name, columns, rows); err != nil {
			return fmt.Errorf("write %s: %w", t.Name, err)
		}
		return plainsql.MarkReceived(ctx, plainTx{tx}, at)
	})
}

// asKept is a moved value as a column's type takes it.
func asKept(v any, kind string) any {
	switch x := v.(type) {
	case int64:
		if kind == "boolean" {
			return x != 0
		}
	case string:
		if kind == "bytea" {
			return []byte(x)
		}
		return text(x)
	case []byte:
		if kind == "text" {
			return text(string(x))
		}
	}
	return v
}

func (m mover) writeRows(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) error {
	switch table {
	case "send_totals":
		return eachRow(ctx, tx, rows, `INSERT INTO send_counts (edition_id, epoch, state, relay, n) VALUES ($1, -1, $2, $3, $4)`)
	case "send_days":
		columns = append(slices.Clone(columns), "node")
		for i := range rows {
			rows[i] = append(rows[i], "")
		}
	case "deliveries":
		return m.writeDeliveries(ctx, tx, columns, rows)
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}

func eachRow(ctx context.Context, tx pgx.Tx, rows [][]any, query string) error {
	b := &pgx.Batch{}
	for _, r := range rows {
		b.Queue(query, r...)
	}
	return tx.SendBatch(ctx, b).Close()
}

// Numbers gives the last ids.
func (m mover) Numbers(ctx context.Context) (transfer.Numbers, error) {
	tables, err := m.numbered(ctx)
	if err != nil {
		return nil, err
	}
	return transfer.NumbersOf(tables, func(t string) (n int64, err error) {
		err = m.fault(m.pool.QueryRow(ctx, "SELECT greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')), 0), (SELECT coalesce(max(id), 0) FROM "+t+"))", t).Scan(&n))
		return n, err
	})
}

// numbered are the tables whose ids count up.
func (m mover) numbered(ctx context.Context) ([]string, error) {
	rows, err := m.pool.Query(ctx, `
		SELECT table_name FROM information_schema.columns
		WHERE table_schema = $1 AND column_name = 'id' AND is_identity = 'YES' ORDER BY 1`, m.schema)
	list, err := collect(rows, err, pgx.RowTo[string])
	return list, m.fault(err)
}

// SetAway marks where the list is. Nobody else of this program may be connected
// to the database then.
func (m mover) SetAway(ctx context.Context, to string, done bool) error {
	err := m.inTx(ctx, func(tx pgx.Tx) error {
		if to == "" {
			return plainsql.MarkAway(ctx, plainTx{tx}, to, done)
		}
		var others int
		err := tx.QueryRow(ctx, `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = $1`, applicationOf(m.schema)).Scan(&others)
		if err != nil {
			return err
		}
		if others > 0 {
			return transfer.ErrOpen
		}
		return plainsql.MarkAway(ctx, plainTx{tx}, to, done)
	})
	if err != nil {
		return fmt.Errorf("mark %s: %w", m.name, err)
	}
	return nil
}
