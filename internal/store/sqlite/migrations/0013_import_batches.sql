-- Each import is a batch that can be taken back until the next send. Who it
-- added are the subscribers with the ids first_id to last_id; what it changed is
-- kept as it was.
CREATE TABLE import_batches (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    source    TEXT NOT NULL,               -- import:FILE
    at        INTEGER NOT NULL,
    first_id  INTEGER NOT NULL,
    last_id   INTEGER NOT NULL,            -- below first_id: it added nobody
    undone_at INTEGER NOT NULL DEFAULT 0   -- 0: it stands
);
CREATE TABLE import_changed_subscribers (
    batch_id      INTEGER NOT NULL REFERENCES import_batches (id),
    subscriber_id INTEGER NOT NULL,
    name          TEXT NOT NULL,
    status        INTEGER NOT NULL,
    suppressed    INTEGER NOT NULL,
    categories    TEXT NOT NULL,
    source        TEXT NOT NULL,
    confirmed_at  INTEGER NOT NULL,
    left_at       INTEGER NOT NULL,
    PRIMARY KEY (batch_id, subscriber_id)
) WITHOUT ROWID;
CREATE TABLE import_changed_suppressions (
    batch_id       INTEGER NOT NULL REFERENCES import_batches (id),
    address_sha256 BLOB NOT NULL,
    reason         INTEGER NOT NULL,       -- before; 0: there was none
    detail         TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (batch_id, address_sha256)
) WITHOUT ROWID;
