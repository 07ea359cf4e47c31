-- Sign-ups by the mail domain of their addresses ('': all), in buckets of ten
-- minutes since 1970, for a week.
CREATE TABLE signup_counts (
    domain    TEXT NOT NULL,
    bucket    INTEGER NOT NULL,
    asked     INTEGER NOT NULL DEFAULT 0, -- for a confirmation mail
    mailed    INTEGER NOT NULL DEFAULT 0,
    answered  INTEGER NOT NULL DEFAULT 0, -- mailed after the answer to a question
    confirmed INTEGER NOT NULL DEFAULT 0,
    surge     INTEGER NOT NULL DEFAULT 0, -- 1: there was a surge
    PRIMARY KEY (domain, bucket)
) WITHOUT ROWID;
CREATE INDEX signup_counts_bucket ON signup_counts (bucket);

-- The surges of sign-ups that go on.
CREATE TABLE signup_surges (
    domain  TEXT PRIMARY KEY,  -- '': of all
    since   INTEGER NOT NULL,
    episode INTEGER NOT NULL   -- since when there has been one or another
) WITHOUT ROWID;

-- Sign-ups whose confirmation waits for a surge to end, one a mailbox.
CREATE TABLE held_signups (
    id             INTEGER PRIMARY KEY,
    mailbox_sha256 BLOB NOT NULL UNIQUE,
    email          TEXT NOT NULL,         -- this and the next three as in signups
    details        TEXT NOT NULL,
    ip             TEXT NOT NULL,
    at             INTEGER NOT NULL,
    answered       INTEGER NOT NULL       -- 1: the question
);
