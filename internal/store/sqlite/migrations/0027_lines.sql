-- What a frozen edition tells of changes in saved comparisons, a line each, and who
-- is told which. Whoever has no line here is told of none.
CREATE TABLE edition_lines (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    number     INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (edition_id, number)
) WITHOUT ROWID;
CREATE TABLE delivery_lines (
    edition_id    INTEGER NOT NULL,
    subscriber_id INTEGER NOT NULL,
    line          INTEGER NOT NULL,
    PRIMARY KEY (edition_id, subscriber_id, line)
) WITHOUT ROWID;
CREATE INDEX delivery_lines_subscriber ON delivery_lines (subscriber_id);
