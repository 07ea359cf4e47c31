-- What the program keeps about itself: 'secret' is 32 random bytes from which
-- message ids, VERP tags and the like are derived.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('secret', randomblob(32));

CREATE TABLE subscribers (
    id           INTEGER PRIMARY KEY,
    email        TEXT NOT NULL,            -- as it is mailed; the domain in A-labels and lower case
    email_key    TEXT NOT NULL,            -- email in lower case: the identity
    address_hash INTEGER NOT NULL,         -- first 8 bytes of SHA-256(email_key), big-endian
    name         TEXT NOT NULL DEFAULT '',
    status       INTEGER NOT NULL,         -- 0 pending, 1 active, 2 unsubscribed
    suppressed   INTEGER NOT NULL DEFAULT 0, -- 0 none, else the reason's code: never mailed, whatever the status
    token        BLOB NOT NULL,            -- 16 random bytes; unsubscribe links never expire
    categories   TEXT NOT NULL DEFAULT '', -- comma separated; '' is every category
    source       TEXT NOT NULL DEFAULT '', -- where the consent came from: form, import:FILE, ...
    created_at   INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0,
    left_at      INTEGER NOT NULL DEFAULT 0 -- when the reader unsubscribed
);
CREATE UNIQUE INDEX subscribers_email ON subscribers (email_key);
CREATE UNIQUE INDEX subscribers_token ON subscribers (token);

-- Kept by hash, so that it outlives the erasure of the address.
CREATE TABLE suppressions (
    address_sha256 BLOB PRIMARY KEY,       -- SHA-256(email_key)
    reason         INTEGER NOT NULL,
    detail         TEXT NOT NULL DEFAULT '',
    at             INTEGER NOT NULL
) WITHOUT ROWID;
