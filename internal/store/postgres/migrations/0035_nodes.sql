-- The processes that have this list open; see package node.
CREATE TABLE nodes (
    name     TEXT PRIMARY KEY,
    process  TEXT NOT NULL,                     -- drawn at random at its start
    place    TEXT NOT NULL,                     -- where its journals are
    host     TEXT NOT NULL,
    pid      BIGINT NOT NULL,
    roles    TEXT[] NOT NULL,
    version  TEXT NOT NULL,
    settings JSONB NOT NULL,
    skew     BIGINT NOT NULL,                   -- milliseconds that its clock is ahead
    since    TIMESTAMPTZ NOT NULL,
    seen     TIMESTAMPTZ NOT NULL,
    ended    BOOLEAN NOT NULL DEFAULT false
) WITH (fillfactor = 50);
