package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/store/transfer"
)

// Transfer is the database as one end of a move.
func (db *DB) Transfer() transfer.Store { return mover{db, db.plain().Moving()} }

type mover struct {
	*DB
	plainsql.Moving
}

// Name is the file.
func (m mover) Name() string { return m.path }

// Tables gives the tables.
func (m mover) Tables(ctx context.Context) ([]string, error) {
	return queryTexts(ctx, m.r, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
}

// Columns gives a table's columns.
func (m mover) Columns(ctx context.Context, table string) ([]string, error) {
	return queryTexts(ctx, m.r, "SELECT name FROM pragma_table_info('"+table+"') ORDER BY cid")
}

// Count counts a table's rows.
func (m mover) Count(ctx context.Context, table string) (n int64, err error) {
	return n, fault(m.path, m.r.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n))
}

// Read reads a page. Replies are padded here and nowhere else.
func (m mover) Read(ctx context.Context, t transfer.Table, columns []string, after transfer.Key, limit int) ([][]any, error) {
	var key []string
	for _, c := range t.Key {
		key = append(key, `"`+c.Name+`"`)
	}
	order := strings.Join(key, ", ")
	where := ""
	if len(after) > 0 {
		where = " WHERE (" + order + ") > (" + strings.TrimSuffix(strings.Repeat("?, ", len(key)), ", ") + ")"
	}
	selected := make([]string, len(columns))
	for i, c := range columns {
		if selected[i] = `"` + c + `"`; t.Name == "deliveries" && c == "reply" {
			selected[i] = "rtrim(reply)"
		}
	}
	rows, err := m.r.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d",
		strings.Join(selected, ", "), t.Name, where, order, limit), after...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Name, fault(m.path, err))
	}
	defer rows.Close() // rows.Err says it
	var page [][]any
	into := make([]any, len(columns))
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read %s: %w", t.Name, err)
		}
		page = append(page, row)
	}
	return page, fault(m.path, rows.Err())
}

// movePace is how the receiving end writes: the pages of indexes that are filled in
// random order are kept in memory and in the log, and not copied into the file again
// and again; and a commit does not wait for the disk. What a power cut takes is the
// last pages together with the mark that they have come, and the move goes on before
// them; Complete waits for the disk, before the other end is told that the list has
// gone.
func movePace() []string {
	return []string{
		"PRAGMA cache_size = -131072", // KiB
		"PRAGMA wal_autocheckpoint = 32768",
		"PRAGMA synchronous = NORMAL",
	}
}

// settled is the pace of every other use.
func settled() []string {
	return []string{"PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 1000", "PRAGMA wal_checkpoint(TRUNCATE)"}
}

func (m mover) pragmas(ctx context.Context, list []string) error {
	for _, p := range list {
		if _, err := m.w.ExecContext(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p, fault(m.path, err))
		}
	}
	return nil
}

// Write keeps a page.
func (m mover) Write(ctx context.Context, t transfer.Table, columns []string, rows [][]any, at transfer.Progress) error {
	if err := m.pragmas(ctx, movePace()); err != nil {
		return err
	}
	return m.inTx(ctx, func(tx *sql.Tx) error {
		if err := insertPages(ctx, tx, t.Name, columns, rows); err != nil {
			return fmt.Errorf("write %s: %w", t.Name, err)
		}
		return plainsql.MarkReceived(ctx, plainTx{tx}, at)
	})
}

// insertPages inserts the rows, insertChunk with a statement.
func insertPages(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any) (err error) {
	var insert *sql.Stmt
	defer func() {
		if insert != nil {
			err = errors.Join(err, insert.Close())
		}
	}()
	args := make([]any, 0, insertChunk*len(columns))
	for n := 0; len(rows) > 0; rows = rows[n:] {
		if n = min(len(rows), insertChunk); insert == nil || n < insertChunk {
			if insert != nil {
				err = insert.Close()
			}
			if err == nil {
				insert, err = tx.PrepareContext(ctx, insertInto(table, columns, n))
			}
			if err != nil {
				return err
			}
		}
		args = args[:0]
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if _, err := insert.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// insertInto is the statement that inserts n rows.
func insertInto(table string, columns []string, n int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	return "INSERT INTO " + table + ` ("` + strings.Join(columns, `", "`) + `") VALUES ` +
		strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}

// numbered are the tables whose ids count up.
func (m mover) numbered(ctx context.Context) ([]string, error) {
	return queryTexts(ctx, m.r, `
		SELECT s.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c
		WHERE s.type = 'table' AND c.name = 'id' AND c.pk = 1 AND s.name NOT LIKE 'sqlite_%'`)
}

// Numbers gives the last ids.
func (m mover) Numbers(ctx context.Context) (transfer.Numbers, error) {
	tables, err := m.numbered(ctx)
	if err != nil {
		return nil, err
	}
	return transfer.NumbersOf(tables, func(t string) (n int64, err error) {
		err = fault(m.path, m.r.QueryRowContext(ctx, "SELECT max((SELECT coalesce(max(id), 0) FROM "+t+"), coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))", t).Scan(&n))
		return n, err
	})
}

// SetAway marks where the list is. To be told that nobody else has the file open,
// it is taken out of its log for a moment.
func (m mover) SetAway(ctx context.Context, to string, done bool) error {
	err := m.alone(ctx)
	if err == nil {
		err = m.takeSpilled(ctx)
	}
	if err == nil {
		err = m.inTx(ctx, func(tx *sql.Tx) error {
			return plainsql.MarkAway(ctx, plainTx{tx}, to, done)
		})
	}
	if err != nil {
		return fmt.Errorf("mark %s: %w", m.path, err)
	}
	return nil
}

// alone fails with transfer.ErrOpen while another process has the database open.
// This process's own readers are closed for the question and opened again after it.
func (m mover) alone(ctx context.Context) error {
	m.r.SetMaxIdleConns(0)
	defer m.r.SetMaxIdleConns(readers)
	var mode string
	err := busy(m.w.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode))
	if err == nil {
		err = m.w.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
	}
	if errors.Is(err, ErrBusy) {
		return transfer.ErrOpen
	}
	return err
}

// Begin makes it one that receives a list.
func (m mover) Begin(ctx context.Context, secret []byte, at transfer.Progress) error {
	return m.inTx(ctx, func(tx *sql.Tx) error {
		if err := dropAllIndexes(ctx, tx); err != nil {
			return err
		}
		return plainsql.BeginReceiving(ctx, plainTx{tx}, secret, at)
	})
}

// Complete makes it one that holds the list. The leases keep the last epoch of
// each send, so that a later sender does not take it again.
func (m mover) Complete(ctx context.Context, last transfer.Numbers) error {
	if err := m.pragmas(ctx, movePace()); err != nil {
		return err
	}
	if err := m.inTx(ctx, func(tx *sql.Tx) error { return makeAllIndexes(ctx, tx) }); err != nil {
		return err
	}
	if err := m.pragmas(ctx, settled()); err != nil {
		return err
	}
	return m.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO send_leases (edition_id, epoch, host, holder, expires_at)
			SELECT edition_id, max(epoch), '', '', 0 FROM send_epochs GROUP BY edition_id`)
		if err != nil {
			return err
		}
		for table, n := range last {
			if _, err := tx.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", n, table); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `
				INSERT INTO sqlite_sequence (name, seq)
				SELECT ?1, ?2
				WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%AUTOINCREMENT%')
				  AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)`, table, n)
			if err != nil {
				return err
			}
		}
		return plainsql.EndReceiving(ctx, plainTx{tx})
	})
}
