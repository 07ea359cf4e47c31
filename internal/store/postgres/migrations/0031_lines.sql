-- What a frozen edition tells of changes in saved comparisons, a line each, and who
-- is told which. Whoever has no line here is told of none.
CREATE TABLE edition_lines (
    edition_id BIGINT NOT NULL REFERENCES editions (id),
    number     INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (edition_id, number)
);
CREATE TABLE delivery_lines (
    edition_id    BIGINT NOT NULL,
    subscriber_id BIGINT NOT NULL,
    line          INTEGER NOT NULL,
    PRIMARY KEY (edition_id, subscriber_id, line)
);
CREATE INDEX delivery_lines_subscriber ON delivery_lines (subscriber_id);
