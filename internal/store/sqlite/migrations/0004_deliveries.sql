-- One edition's send. journal_seq is the journal's last sequence number that
-- this database has committed: a journal that knows more was kept while the
-- database was restored from a backup.
CREATE TABLE sends (
    edition_id   INTEGER PRIMARY KEY REFERENCES editions (id),
    recipients   INTEGER NOT NULL,
    duplicates   INTEGER NOT NULL DEFAULT 0, -- left out: another reader has the same address hash
    journal_seq  INTEGER NOT NULL DEFAULT 0,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER NOT NULL DEFAULT 0, -- 0 while a delivery is open
    compacted_at INTEGER NOT NULL DEFAULT 0  -- 0 while every delivery is kept
);
CREATE INDEX sends_open ON sends (edition_id) WHERE finished_at = 0;

-- One row a reader and edition; the two unique keys, not a check, make it one.
-- reply is born as blanks, so that recording what the server said changes the
-- row in place and splits no page (114 bytes a reader with the index).
-- The states' numbers are those of delivery.State: 0 queued, 1 claimed,
-- 2 dotting, 3 accepted, 4 deferred, 5 failed, 6 unknown, 7 suppressed.
CREATE TABLE deliveries (
    edition_id    INTEGER NOT NULL,
    subscriber_id INTEGER NOT NULL,
    address_hash  INTEGER NOT NULL,           -- as in subscribers, copied when frozen
    state         INTEGER NOT NULL DEFAULT 0,
    attempts      INTEGER NOT NULL DEFAULT 0, -- verdicts of a server so far
    dots          INTEGER NOT NULL DEFAULT 0, -- how often the message's end was intended
    since         INTEGER NOT NULL DEFAULT 0, -- the first temporary refusal
    next_attempt  INTEGER NOT NULL DEFAULT 0,
    at            INTEGER NOT NULL,           -- the last change
    reply         TEXT NOT NULL,              -- "250 2.0.0 OK", shortened
    PRIMARY KEY (edition_id, subscriber_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX deliveries_address ON deliveries (edition_id, address_hash);
CREATE INDEX deliveries_due ON deliveries (edition_id, next_attempt) WHERE state = 4;

-- What compaction keeps of the deliveries that it drops.
CREATE TABLE send_totals (
    edition_id INTEGER NOT NULL REFERENCES sends (edition_id),
    state      INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (edition_id, state)
) WITHOUT ROWID;

-- Messages a day, for the warm-up of a new sending address.
CREATE TABLE send_days (
    day  INTEGER PRIMARY KEY,                 -- days since 1970-01-01 in the list's time zone
    dots INTEGER NOT NULL
);

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    owner      TEXT NOT NULL,                 -- random
    host       TEXT NOT NULL,                 -- which kernel the owner runs under
    holder     TEXT NOT NULL,                 -- the same for people
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Whoever leaves, is suppressed or is erased, by whatever way, leaves the queue
-- of a running send in the same transaction. A message whose end is on its way
-- (2) cannot be called back.
CREATE TRIGGER subscribers_leave AFTER UPDATE OF status, suppressed ON subscribers
WHEN NEW.status <> 1 OR NEW.suppressed <> 0
BEGIN
    UPDATE deliveries SET state = 7
    WHERE edition_id IN (SELECT edition_id FROM sends WHERE finished_at = 0)
      AND subscriber_id = NEW.id AND state IN (0, 1, 4);
END;
CREATE TRIGGER subscribers_erase AFTER DELETE ON subscribers
BEGIN
    UPDATE deliveries SET state = 7
    WHERE edition_id IN (SELECT edition_id FROM sends WHERE finished_at = 0)
      AND subscriber_id = OLD.id AND state IN (0, 1, 4);
END;
