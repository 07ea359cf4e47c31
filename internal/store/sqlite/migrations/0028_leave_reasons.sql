-- Why readers left, as counts: nothing here leads to a reader.
CREATE TABLE leave_reasons (
    day    INTEGER NOT NULL, -- days since 1970-01-01, UTC
    reason TEXT NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (day, reason)
) WITHOUT ROWID;

-- Who has answered for which leaving, so that each counts once; not what they said.
CREATE TABLE leave_answers (
    subscriber_id INTEGER PRIMARY KEY REFERENCES subscribers (id) ON DELETE CASCADE,
    left_at       INTEGER NOT NULL
);
