package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// applicationID marks a file as this program's in SQLite's header ("dgst"); see
// https://www.sqlite.org/pragma.html#pragma_application_id.
const applicationID = 0x64677374

// identify fails with ErrForeign when the file is another program's. It looks
// through a connection that cannot write: opening for writing would already turn
// a foreign file's journal over. Versions before this one left no mark, so their
// files are known by their tables.
func identify(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite3", dsn(path, "mode=ro&_busy_timeout="+busyTimeout))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var id, tables, ours int64
	err = db.QueryRowContext(ctx, `
		SELECT (SELECT application_id FROM pragma_application_id),
		       count(*),
		       count(*) FILTER (WHERE name IN ('meta', 'subscribers', 'suppressions'))
		FROM sqlite_schema
		WHERE type = 'table'`).Scan(&id, &tables, &ours)
	if err != nil {
		return damaged(err)
	}
	if id == applicationID || id == 0 && (tables == 0 || ours == 3) {
		return nil
	}
	return fmt.Errorf("%w; name a file of digest's own as 'database', or one that does not exist yet", ErrForeign)
}
