-- One edition's send.
CREATE TABLE sends (
    edition_id   BIGINT PRIMARY KEY REFERENCES editions (id),
    recipients   BIGINT NOT NULL,
    duplicates   BIGINT NOT NULL DEFAULT 0,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL DEFAULT 0,     -- 0 while a delivery is open
    compacted_at BIGINT NOT NULL DEFAULT 0,     -- 0 while every delivery is kept
    stopped      BOOLEAN NOT NULL DEFAULT false -- by a circuit breaker: no refusal of it is believed
);
CREATE INDEX sends_open ON sends (edition_id) WHERE finished_at = 0;

-- One row a reader and edition. Each edition has a table of its own, made by its
-- freeze (deliveries_ID), with two unique keys: subscriber_id, and (address_hash,
-- tie). Compacting makes a small table of it. No index has the
-- state, so that an update stays in its page (HOT); next_attempt is 0 unless the
-- row is deferred, which is what its index is for. The states' numbers are those
-- of delivery.State: 0 queued, 1 claimed, 2 dotting, 3 accepted, 4 deferred,
-- 5 failed, 6 unknown, 7 suppressed.
CREATE TABLE deliveries (
    edition_id    BIGINT NOT NULL,
    subscriber_id BIGINT NOT NULL,
    address_hash  BIGINT NOT NULL,              -- as in subscribers, copied when frozen
    since         BIGINT NOT NULL DEFAULT 0,    -- the first temporary refusal
    next_attempt  BIGINT NOT NULL DEFAULT 0,
    at            BIGINT NOT NULL,              -- the last change
    epoch         BIGINT NOT NULL DEFAULT 0,    -- of the sender that had it last; 0: none
    attempts      INTEGER NOT NULL DEFAULT 0,   -- verdicts of a server so far
    dots          INTEGER NOT NULL DEFAULT 0,   -- how often the message's end was intended
    variant       INTEGER NOT NULL DEFAULT 0,
    state         SMALLINT NOT NULL DEFAULT 0,
    fault         SMALLINT NOT NULL DEFAULT 0,
    tie           SMALLINT NOT NULL DEFAULT 0,  -- tells apart other addresses with the same hash
    reply         TEXT NOT NULL DEFAULT ''      -- "250 2.0.0 OK", shortened
) PARTITION BY LIST (edition_id);

-- How many deliveries there are by state and by the sender that had them last
-- (0: none), what compaction has dropped among them. Kept with every change, so
-- that nothing counts rows; senders change rows of their own.
CREATE TABLE send_counts (
    edition_id BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    state      SMALLINT NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (edition_id, epoch, state)
) WITH (fillfactor = 20);

CREATE FUNCTION deliveries_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO send_counts AS c (edition_id, epoch, state, n)
    SELECT edition_id, epoch, state, sum(k) FROM (
        SELECT edition_id, epoch, state, -1 AS k FROM old_rows UNION ALL
        SELECT edition_id, epoch, state, 1 FROM new_rows) moved
    GROUP BY edition_id, epoch, state
    HAVING sum(k) <> 0
    ORDER BY edition_id, epoch, state
    ON CONFLICT (edition_id, epoch, state) DO UPDATE SET n = c.n + excluded.n;
    RETURN NULL;
END $$;
CREATE FUNCTION deliveries_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO send_counts AS c (edition_id, epoch, state, n)
    SELECT edition_id, epoch, state, -count(*) FROM old_rows GROUP BY edition_id, epoch, state ORDER BY edition_id, epoch, state
    ON CONFLICT (edition_id, epoch, state) DO UPDATE SET n = c.n + excluded.n;
    RETURN NULL;
END $$;
CREATE TRIGGER deliveries_changed AFTER UPDATE ON deliveries REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION deliveries_changed();
CREATE TRIGGER deliveries_gone AFTER DELETE ON deliveries REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION deliveries_gone();

-- A send's parts: ranges of subscribers, which senders take one by one. Whoever
-- has one claims in it, in order; nobody else does.
CREATE TABLE send_shards (
    edition_id BIGINT NOT NULL REFERENCES sends (edition_id),
    shard      INTEGER NOT NULL,
    first_id   BIGINT NOT NULL,
    last_id    BIGINT NOT NULL,
    recipients BIGINT NOT NULL,
    epoch      BIGINT NOT NULL DEFAULT 0,       -- of the sender that has it; 0: it is free
    looked_at  BIGINT NOT NULL DEFAULT 0,       -- when its end was reached; 0: something may be queued
    PRIMARY KEY (edition_id, shard)
) WITH (fillfactor = 50);

-- Who sends an edition now: a row a node, with the epoch of its latest sender.
-- Every transaction of a sender's holds its row (FOR SHARE) and asks for its
-- epoch; who takes over a dead one changes it, so that nothing of the old epoch
-- can be committed afterwards. Times are the server's.
CREATE TABLE send_leases (
    edition_id BIGINT NOT NULL REFERENCES editions (id),
    node       TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    host       TEXT NOT NULL,                   -- which kernel the sender runs under
    holder     TEXT NOT NULL,                   -- the same for people
    lasts      INTERVAL NOT NULL,               -- a renewal reaches so far ahead
    expires_at TIMESTAMPTZ,                     -- NULL: given back, or taken over
    PRIMARY KEY (edition_id, node)
) WITH (fillfactor = 20);

CREATE TABLE send_epochs (
    edition_id BIGINT NOT NULL REFERENCES editions (id),
    epoch      BIGINT NOT NULL,
    node       TEXT NOT NULL,
    holder     TEXT NOT NULL,
    began_at   BIGINT NOT NULL,
    PRIMARY KEY (edition_id, epoch)
);

-- A journal a node: how far the database knows each, and on which server (cluster
-- and timeline) that was last compared.
CREATE TABLE send_journals (
    edition_id BIGINT NOT NULL REFERENCES sends (edition_id),
    node       TEXT NOT NULL,
    seq        BIGINT NOT NULL,                 -- the last record that the database has committed
    last_group BIGINT NOT NULL DEFAULT 0,       -- of the node's latest sender: the last one committed, with its epoch
    server     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (edition_id, node)
) WITH (fillfactor = 20);

-- Messages a day, for the warm-up of a new sending address, in parts by sender.
CREATE TABLE send_days (
    day   BIGINT NOT NULL,                      -- days since 1970-01-01 in the list's time zone
    node  TEXT NOT NULL,
    dots  BIGINT NOT NULL,
    PRIMARY KEY (day, node)
) WITH (fillfactor = 20);
