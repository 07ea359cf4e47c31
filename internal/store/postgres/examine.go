package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrOwnBackup is why Backup writes nothing.
var ErrOwnBackup = errors.New("a server's database is backed up with the server's own tools")

// Backup refuses: a copy that this program made of a server's database would be
// of one moment, and would know nothing of the server's other databases, roles and
// write-ahead log, by which a standby and a restore to any moment live.
func (db *DB) Backup(_ context.Context, path string) error {
	return fmt.Errorf("%w: base backups with the archived log (pg_basebackup) restore to any moment, "+
		"'pg_dump --format=custom --schema=%s --file=%s' writes one file; keep the folder \"journal\" of each node too", ErrOwnBackup, db.schema, path)
}

// Damage names what the server itself knows not to be in order: indexes that a
// cut-off build has left, and pages whose checksums failed.
func (db *DB) Damage(ctx context.Context) ([]string, error) {
	rows, err := db.pool.Query(ctx, `
		SELECT 'the index ' || c.relname || ' is not valid: REINDEX INDEX ' || $1 || '.' || c.relname
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND NOT i.indisvalid
		UNION ALL
		SELECT checksum_failures || ' pages of the database failed their checksum, last on ' || checksum_last_failure
		FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0`, db.schema)
	found, err := collect(rows, err, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("examine the database: %w", db.fault(err))
	}
	return found, nil
}

// A State is what an operator should know of the server.
type State struct {
	Version     string
	Skew        time.Duration // how far this machine's clock is ahead of the server's
	Standbys    int           // that are connected
	Synchronous int           // of those, whom a commit waits for
	CommitWaits bool          // synchronous_commit waits for a standby's disk
	OldestFor   time.Duration // how long the oldest transaction has run
	OldestBy    string        // whose it is
	Checksums   bool          // its pages have them
	Archives    bool          // it archives its write-ahead log
	Archived    time.Time     // when it last did; zero: never
	NotArchived time.Time     // when that last failed; zero: never
	Moved       []string      // weeks whose journals were compared with another server last
}

// State asks the server.
func (db *DB) State(ctx context.Context, now func() time.Time) (State, error) {
	s, err := db.state(ctx, now)
	if err != nil {
		return s, fmt.Errorf("ask the server: %w", db.fault(err))
	}
	return s, nil
}

// Skew is how far this machine's clock, which now shows, is ahead of the server's.
func (db *DB) Skew(ctx context.Context, now func() time.Time) (time.Duration, error) {
	before := now()
	var clock time.Time
	if err := db.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&clock); err != nil {
		return 0, fmt.Errorf("compare clocks: %w", db.fault(err))
	}
	after := now()
	return before.Add(after.Sub(before) / 2).Sub(clock), nil
}

func (db *DB) state(ctx context.Context, now func() time.Time) (s State, err error) {
	if s.Skew, err = db.Skew(ctx, now); err != nil {
		return s, err
	}
	var oldest float64
	err = db.pool.QueryRow(ctx, `
		SELECT current_setting('server_version'),
		       current_setting('synchronous_commit') IN ('on', 'remote_apply') AND current_setting('synchronous_standby_names') <> '',
		       (SELECT count(*) FROM pg_stat_replication),
		       (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')),
		       coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
		           WHERE datname = current_database() AND backend_type = 'client backend'), 0)::float8,
		       coalesce((SELECT application_name || ', process ' || pid FROM pg_stat_activity
		           WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start IS NOT NULL
		           ORDER BY xact_start LIMIT 1), '')`).
		Scan(&s.Version, &s.CommitWaits, &s.Standbys, &s.Synchronous, &oldest, &s.OldestBy)
	if err != nil {
		return s, err
	}
	s.OldestFor = time.Duration(oldest * float64(time.Second))
	if err := db.askArchive(ctx, &s); err != nil {
		return s, err
	}
	rows, err := db.pool.Query(ctx, `
		SELECT DISTINCT e.week
		FROM send_journals j JOIN sends s ON s.edition_id = j.edition_id JOIN editions e ON e.id = j.edition_id
		WHERE s.finished_at = 0 AND j.server <> '' AND j.server <> $1
		ORDER BY 1`, db.server.Load().String())
	s.Moved, err = collect(rows, err, pgx.RowTo[string])
	return s, err
}

// askArchive asks for what a restore needs: pages that are known to be whole, and
// the log.
func (db *DB) askArchive(ctx context.Context, s *State) error {
	var archived, failed *time.Time
	err := db.pool.QueryRow(ctx, `
		SELECT current_setting('data_checksums') = 'on',
		       current_setting('archive_mode') IN ('on', 'always'),
		       last_archived_time, last_failed_time
		FROM pg_stat_archiver`).
		Scan(&s.Checksums, &s.Archives, &archived, &failed)
	if archived != nil {
		s.Archived = *archived
	}
	if failed != nil {
		s.NotArchived = *failed
	}
	return err
}
