-- Which relay each delivery was tried through last, by a number that each relay has:
-- 0 is none, or one of before this was recorded. It is set with the intent, so that it
-- is known of a message whose answer is lost.
CREATE TABLE relays (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
ALTER TABLE deliveries ADD COLUMN relay INTEGER NOT NULL DEFAULT 0;

CREATE TABLE send_totals_by_relay (
    edition_id INTEGER NOT NULL REFERENCES sends (edition_id),
    state      INTEGER NOT NULL,
    relay      INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (edition_id, state, relay)
) WITHOUT ROWID;
INSERT INTO send_totals_by_relay SELECT edition_id, state, 0, deliveries FROM send_totals;
DROP TABLE send_totals;
ALTER TABLE send_totals_by_relay RENAME TO send_totals;

-- How relays stand with the senders that use them now; see delivery.RelayStand.
CREATE TABLE relay_stands (
    edition_id  INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    relay       TEXT NOT NULL,
    open        INTEGER NOT NULL,            -- connections
    may         INTEGER NOT NULL,            -- how many there may be now
    most        INTEGER NOT NULL,            -- and at most
    rests_until INTEGER NOT NULL,            -- 0: it serves
    reason      TEXT NOT NULL,               -- why it rests
    at          INTEGER NOT NULL,
    PRIMARY KEY (edition_id, epoch, relay)
) WITHOUT ROWID;
