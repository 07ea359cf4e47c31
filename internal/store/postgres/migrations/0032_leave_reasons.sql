-- Why readers left, as counts: nothing here leads to a reader.
CREATE TABLE leave_reasons (
    day    BIGINT NOT NULL, -- days since 1970-01-01, UTC
    reason TEXT NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (day, reason)
);

-- Who has answered for which leaving, so that each counts once; not what they said.
CREATE TABLE leave_answers (
    subscriber_id BIGINT PRIMARY KEY REFERENCES subscribers (id) ON DELETE CASCADE,
    left_at       BIGINT NOT NULL
);
