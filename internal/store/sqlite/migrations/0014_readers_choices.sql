-- A reader may pause the digest: they get none before this time. 0: not paused.
ALTER TABLE subscribers ADD COLUMN paused_until INTEGER NOT NULL DEFAULT 0;

-- Pending readers, to forget who never confirmed.
CREATE INDEX subscribers_pending ON subscribers (created_at) WHERE status = 0;

-- The wordings to which readers consented, each kept once.
CREATE TABLE wordings (
    version TEXT PRIMARY KEY,              -- the first 12 hexadecimal digits of the text's SHA-256
    text    TEXT NOT NULL,
    at      INTEGER NOT NULL               -- when it was first used
) WITHOUT ROWID;
ALTER TABLE subscriber_events ADD COLUMN wording TEXT NOT NULL DEFAULT ''; -- of a sign-up: the wording's version

-- Links that a reader asked for and that were mailed: good for an hour, once.
CREATE TABLE fresh_links (
    token_sha256  BLOB PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    purpose       TEXT NOT NULL,           -- address, about, erase, new-address
    address       TEXT NOT NULL,           -- of new-address: the address to change to
    expires_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX fresh_links_subscriber ON fresh_links (subscriber_id);
CREATE INDEX fresh_links_expiry ON fresh_links (expires_at);
