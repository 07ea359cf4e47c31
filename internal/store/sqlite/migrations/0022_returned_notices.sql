-- What came back of mails to subscribers that are no digest: confirmations,
-- welcomes. The week is when the mail left.
CREATE TABLE returned_notices (
    id            INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL,
    mail          BLOB NOT NULL,           -- SHA-256
    week          TEXT NOT NULL,
    kind          TEXT NOT NULL,           -- inbound.Kind
    class         TEXT NOT NULL,           -- subscribers.BounceClass
    status        TEXT NOT NULL,
    reply         TEXT NOT NULL,           -- without addresses
    reason        TEXT NOT NULL,
    at            INTEGER NOT NULL,
    UNIQUE (subscriber_id, mail)
);
