-- How many messages of a warm-up's day a sender may yet intend; see delivery.DayRequest.
CREATE TABLE day_reservations (
    edition_id INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (edition_id, epoch)
) WITHOUT ROWID;
