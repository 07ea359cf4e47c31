-- Sign-ups wait here until they are decided on: one row each, whatever the
-- address's state, so that the time a sign-up takes tells nothing.
CREATE TABLE signups (
    id      INTEGER PRIMARY KEY,
    email   TEXT NOT NULL,               -- parsed
    details TEXT NOT NULL,               -- JSON: name, categories, source
    ip      TEXT NOT NULL,               -- '' when unknown
    at      INTEGER NOT NULL
);

-- Confirmation links. A used or voided one stays until it is long expired, so
-- that a second click gets the right answer.
CREATE TABLE confirmations (
    token_sha256  BLOB PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    details       TEXT NOT NULL,         -- JSON: what the sign-up said; applied on confirmation
    expires_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL DEFAULT 0 -- when it was used, or voided; 0: neither
) WITHOUT ROWID;
CREATE INDEX confirmations_subscriber ON confirmations (subscriber_id);
CREATE INDEX confirmations_expiry ON confirmations (expires_at);

-- How many confirmation mails a mailbox got, over all its spellings. Outlives
-- the subscriber, by hash.
CREATE TABLE confirmation_limits (
    mailbox_sha256 BLOB PRIMARY KEY,
    sent           INTEGER NOT NULL,     -- since it last confirmed
    last_at        INTEGER NOT NULL      -- of the latest mail
) WITHOUT ROWID;

-- Transactional mails: confirmations, welcomes, goodbyes, notices to editors.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: a sender may hold an old one
    kind          TEXT NOT NULL,
    subscriber_id INTEGER REFERENCES subscribers (id), -- NULL: a notice
    recipient     TEXT NOT NULL,
    data          TEXT NOT NULL,         -- JSON for the template; '' once the mail is done
    dedupe        TEXT UNIQUE,           -- NULL: none. A reader's mail gives its key up when it is done, a notice never
    state         INTEGER NOT NULL DEFAULT 0, -- 0 waiting, 1 sent, 2 given up
    attempts      INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    next_at       INTEGER NOT NULL,      -- not to be tried before; while a sender has it, when its lease ends
    done_at       INTEGER NOT NULL DEFAULT 0,
    last_error    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 0;
CREATE INDEX outbox_done ON outbox (done_at) WHERE state <> 0;
CREATE INDEX outbox_subscriber ON outbox (subscriber_id) WHERE subscriber_id IS NOT NULL;

-- What is known of a reader's consent, for them and for whoever asks for proof.
CREATE TABLE subscriber_events (
    id            INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    at            INTEGER NOT NULL,
    kind          TEXT NOT NULL,         -- sign-up, confirm, add, leave, suppress, lift
    detail        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX subscriber_events_subscriber ON subscriber_events (subscriber_id);
