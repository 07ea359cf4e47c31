package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Damage looks through the whole file and names what is not in order: pages,
// indexes, constraints (integrity_check) and references to rows that are not
// there. It takes seconds for a million readers, and keeps nobody waiting.
func (db *DB) Damage(ctx context.Context) ([]string, error) {
	found, err := damage(ctx, db.r)
	if err != nil {
		return nil, fmt.Errorf("examine the database: %w", db.fault(err))
	}
	return found, nil
}

func damage(ctx context.Context, r *sql.DB) ([]string, error) {
	found, err := queryTexts(ctx, r, "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 20")
	if err != nil {
		return nil, damaged(err)
	}
	lost, err := queryTexts(ctx, r, `
		SELECT count(*) || ' rows of ' || "table" || ' name a row of ' || parent || ' that is not there'
		FROM pragma_foreign_key_check
		GROUP BY "table", parent`)
	return append(found, lost...), damaged(err)
}

func queryTexts(ctx context.Context, r querier, query string) (list []string, err error) {
	rows, err := r.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// Room is what the database takes on its disk, and what is free there, in bytes.
func (db *DB) Room() (free uint64, size, wal int64, err error) {
	if free, err = space(db.path); err != nil {
		return 0, 0, 0, fmt.Errorf("database: %w", err)
	}
	for _, f := range []struct {
		path string
		size *int64
	}{{db.path, &size}, {db.path + "-wal", &wal}} {
		info, err := os.Stat(f.path)
		if err == nil {
			*f.size = info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return 0, 0, 0, fmt.Errorf("database: %w", err)
		}
	}
	return free, size, wal, nil
}
