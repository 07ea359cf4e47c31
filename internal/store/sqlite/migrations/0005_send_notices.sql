-- What the editors are still to be told of a send: written in the transaction
-- that it tells of, gone when the mail waits in the outbox.
CREATE TABLE send_notices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: it is the mail's dedupe key
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    paused     TEXT NOT NULL DEFAULT '',          -- why the send rests; '': every delivery is final
    at         INTEGER NOT NULL
);
