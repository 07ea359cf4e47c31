-- How many messages of a warm-up's day a sender may yet intend; see delivery.DayRequest.
CREATE TABLE day_reservations (
    edition_id BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (edition_id, epoch)
) WITH (fillfactor = 20);

-- What senders have of the limits that all of them share, and who has asked them to
-- wait; see delivery.Quotas. What has expired counts for nothing.
CREATE TABLE send_quotas (
    edition_id BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    node       TEXT NOT NULL,
    what       TEXT NOT NULL,
    held       DOUBLE PRECISION NOT NULL,
    want       DOUBLE PRECISION NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (edition_id, epoch, what)
) WITH (fillfactor = 20);
CREATE TABLE send_rests (
    edition_id BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    node       TEXT NOT NULL,
    domain     TEXT NOT NULL,                   -- '': the relay
    gap        BIGINT NOT NULL,                 -- milliseconds between messages
    next_at    TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (edition_id, epoch, domain)
) WITH (fillfactor = 20);
