-- One row a week: the ISO week of the send's slot in the list's time zone. The
-- unique key, not a check before a write, makes an edition happen once.
CREATE TABLE editions (
    id            INTEGER PRIMARY KEY,
    week          TEXT NOT NULL UNIQUE,      -- '2026-W47'; sorts in time order
    state         TEXT NOT NULL CHECK (state IN
                  ('draft','approved','held','sending','sent','skipped','missed','cancelled')),
    slot          INTEGER NOT NULL,          -- the scheduled instant of the send
    since         INTEGER NOT NULL,          -- content after this instant is new
    cutoff        INTEGER NOT NULL,          -- content at or before this instant is in time
    subject       TEXT NOT NULL DEFAULT '',
    preheader     TEXT NOT NULL DEFAULT '',
    hash          TEXT NOT NULL DEFAULT '',  -- SHA-256 of the current build, hex; '' before the first
    approved_hash TEXT NOT NULL DEFAULT '',  -- what an editor approved; '' when nothing is
    approved_by   TEXT NOT NULL DEFAULT '',
    pause_reason  TEXT NOT NULL DEFAULT '',  -- why a sending edition rests
    created_at    INTEGER NOT NULL,
    built_at      INTEGER NOT NULL DEFAULT 0,
    frozen_at     INTEGER NOT NULL DEFAULT 0,
    finished_at   INTEGER NOT NULL DEFAULT 0,
    CHECK (approved_hash = '' OR approved_hash = hash),
    CHECK (state <> 'approved' OR approved_hash <> ''),
    CHECK (state NOT IN ('sending','sent') OR frozen_at > 0),
    CHECK (pause_reason = '' OR state = 'sending')
);

-- What an edition features, and what was eligible but over edition.max. The
-- names stay here so that a pairing is recognised when its file has gone.
CREATE TABLE edition_items (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    carried    INTEGER NOT NULL,             -- 0 featured, 1 carried over
    position   INTEGER NOT NULL,             -- from 0
    slug       TEXT NOT NULL,
    tool_a     TEXT NOT NULL,
    tool_b     TEXT NOT NULL,
    PRIMARY KEY (edition_id, carried, position),
    UNIQUE (edition_id, slug)
) WITHOUT ROWID;

-- The last renderings of an edition, the newest with the highest id.
CREATE TABLE edition_builds (
    id         INTEGER PRIMARY KEY,
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    hash       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    preheader  TEXT NOT NULL,
    html       TEXT NOT NULL,
    uninlined  TEXT NOT NULL,
    text       TEXT NOT NULL,
    built_at   INTEGER NOT NULL
);
CREATE INDEX edition_builds_edition ON edition_builds (edition_id, id);

-- The bytes that every reader of the edition gets, written once.
CREATE TABLE edition_frozen (
    edition_id INTEGER PRIMARY KEY REFERENCES editions (id),
    message    BLOB NOT NULL
);
CREATE TRIGGER edition_frozen_once BEFORE UPDATE ON edition_frozen
BEGIN SELECT RAISE(ABORT, 'a frozen message never changes'); END;

-- A slot of the schedule, once a kind and week. Open slots may be tried by the
-- owner of the lease; settled ones are never tried again.
CREATE TABLE schedule_slots (
    kind        TEXT NOT NULL CHECK (kind IN ('draft','send')),
    week        TEXT NOT NULL,
    slot        INTEGER NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('open','done','missed')),
    owner       TEXT NOT NULL,               -- the process that tries it, '' when none does
    lease_until INTEGER NOT NULL DEFAULT 0,
    settled_at  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, week)
) WITHOUT ROWID;

-- The clock as the scheduler saw it: it must never run backwards.
CREATE TABLE schedule_state (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    first_seen INTEGER NOT NULL,             -- slots before it are none of this list's
    last_seen  INTEGER NOT NULL
);
