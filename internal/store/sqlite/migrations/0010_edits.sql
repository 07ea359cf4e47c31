-- What readers were told of each featured tool, so that a later difference can
-- be said: JSON of edition.Facts for either tool; '' when it was not kept.
ALTER TABLE edition_items ADD COLUMN facts TEXT NOT NULL DEFAULT '';

-- What an editor decided about a week: JSON of edition.Edits. The version grows
-- by one with each saving; edits_version is the one that the current build knew.
CREATE TABLE edition_edits (
    week    TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    edits   TEXT NOT NULL
) WITHOUT ROWID;
ALTER TABLE editions ADD COLUMN edits_version INTEGER NOT NULL DEFAULT 0;

-- A frozen edition may hold several variants (a correction, a topic); each
-- delivery says which. sender is whom the mail is from and signed by, as JSON;
-- '' when it was frozen before that was kept.
ALTER TABLE edition_frozen RENAME TO edition_frozen_old;
DROP TRIGGER edition_frozen_once;
CREATE TABLE edition_frozen (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    variant    INTEGER NOT NULL,             -- 0 is what was frozen first
    message    BLOB NOT NULL,
    sender     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (edition_id, variant)
);
INSERT INTO edition_frozen (edition_id, variant, message)
SELECT edition_id, 0, message FROM edition_frozen_old;
DROP TABLE edition_frozen_old;
CREATE TRIGGER edition_frozen_once BEFORE UPDATE ON edition_frozen
BEGIN SELECT RAISE(ABORT, 'a frozen message never changes'); END;
ALTER TABLE deliveries ADD COLUMN variant INTEGER NOT NULL DEFAULT 0;
