-- What came back after a delivery was accepted: records of their own, so that a
-- bounce changes no sum of a send. mail is the SHA-256 of the mail that said it:
-- the same one counts once.
CREATE TABLE returned (
    id            INTEGER PRIMARY KEY,
    edition_id    INTEGER NOT NULL REFERENCES editions (id),
    subscriber_id INTEGER NOT NULL,
    mail          BLOB NOT NULL,
    kind          TEXT NOT NULL,           -- inbound.Kind
    class         TEXT NOT NULL,           -- subscribers.BounceClass; '': it refuses nothing
    status        TEXT NOT NULL,
    reply         TEXT NOT NULL,           -- without addresses
    reason        TEXT NOT NULL,
    at            INTEGER NOT NULL,
    UNIQUE (edition_id, subscriber_id, mail)
);
CREATE INDEX returned_reader ON returned (subscriber_id, edition_id);

-- Mails a day, by kind and by what was done.
CREATE TABLE inbound_counts (
    day     INTEGER NOT NULL,              -- days since 1970-01-01, UTC
    kind    TEXT NOT NULL,
    outcome TEXT NOT NULL,                 -- inbound.Outcome
    mails   INTEGER NOT NULL,
    PRIMARY KEY (day, kind, outcome)
) WITHOUT ROWID;

-- The latest mails that somebody should look at, and their beginnings.
CREATE TABLE inbound_kept (
    mail BLOB PRIMARY KEY,                 -- SHA-256
    kind TEXT NOT NULL,
    why  TEXT NOT NULL,
    at   INTEGER NOT NULL,
    size INTEGER NOT NULL,
    raw  BLOB NOT NULL
);
CREATE INDEX inbound_kept_at ON inbound_kept (at);

-- The latest DMARC aggregate reports.
CREATE TABLE dmarc_reports (
    org       TEXT NOT NULL,
    report_id TEXT NOT NULL,
    domain    TEXT NOT NULL,
    policy    TEXT NOT NULL,
    begin_at  INTEGER NOT NULL,
    end_at    INTEGER NOT NULL,
    messages  INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    sources   TEXT NOT NULL,               -- JSON
    at        INTEGER NOT NULL,
    PRIMARY KEY (org, report_id)
) WITHOUT ROWID;
