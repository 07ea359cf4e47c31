-- The servers that this list was on: another one is a standby that was promoted, or
-- the place of a restored backup.
CREATE TABLE servers (
    server TEXT PRIMARY KEY,   -- cluster and timeline
    since  BIGINT NOT NULL     -- Unix milliseconds, when it was noticed; 0: from the start
);
INSERT INTO servers (server, since)
SELECT 'cluster ' || system_identifier || ', timeline '
       || ('x' || lpad(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), 16, '0'))::bit(64)::bigint, 0
FROM pg_control_system();
