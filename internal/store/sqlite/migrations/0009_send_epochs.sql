-- One lease an edition. Its epoch grows by one each time that it is taken, and a
-- delivery's row names the epoch that had it last: what an earlier one has in
-- hand is not its own any more.
DROP TABLE leases;
CREATE TABLE send_leases (
    edition_id INTEGER PRIMARY KEY REFERENCES editions (id),
    epoch      INTEGER NOT NULL,
    host       TEXT NOT NULL,                -- which kernel the sender runs under
    holder     TEXT NOT NULL,                -- the same for people
    expires_at INTEGER NOT NULL              -- 0: given back
);
CREATE TABLE send_epochs (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    epoch      INTEGER NOT NULL,
    node       TEXT NOT NULL,
    holder     TEXT NOT NULL,
    began_at   INTEGER NOT NULL,
    PRIMARY KEY (edition_id, epoch)
) WITHOUT ROWID;
ALTER TABLE deliveries ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0; -- 0: no sender has had it

-- A journal a node: how far the database knows each.
CREATE TABLE send_journals (
    edition_id INTEGER NOT NULL REFERENCES sends (edition_id),
    node       TEXT NOT NULL,
    seq        INTEGER NOT NULL,             -- the last record that the database has committed
    PRIMARY KEY (edition_id, node)
) WITHOUT ROWID;
INSERT INTO send_journals (edition_id, node, seq)
SELECT edition_id, '', journal_seq FROM sends WHERE journal_seq > 0;
ALTER TABLE sends DROP COLUMN journal_seq;
