-- Every saving of an editor's edits, to go back to one.
CREATE TABLE edition_edits_kept (
    week    TEXT NOT NULL,
    version INTEGER NOT NULL,
    edits   TEXT NOT NULL,                 -- JSON of edition.Edits
    PRIMARY KEY (week, version)
) WITHOUT ROWID;
INSERT INTO edition_edits_kept (week, version, edits) SELECT week, version, edits FROM edition_edits;
CREATE TRIGGER edition_edits_made AFTER INSERT ON edition_edits
BEGIN INSERT OR REPLACE INTO edition_edits_kept (week, version, edits) VALUES (new.week, new.version, new.edits); END;
CREATE TRIGGER edition_edits_saved AFTER UPDATE ON edition_edits
BEGIN INSERT OR REPLACE INTO edition_edits_kept (week, version, edits) VALUES (new.week, new.version, new.edits); END;

-- Who did what to a week at the desk, and when.
CREATE TABLE desk_acts (
    id     INTEGER PRIMARY KEY,
    week   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,                  -- an address, or a user of the machine
    what   TEXT NOT NULL,                  -- approved, held, edited, ...
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX desk_acts_week ON desk_acts (week, id);

-- What editors note on a week, or on a comparison in it, until it is resolved.
CREATE TABLE desk_notes (
    id          INTEGER PRIMARY KEY,
    week        TEXT NOT NULL,
    slug        TEXT NOT NULL DEFAULT '',  -- '': on the week as a whole
    text        TEXT NOT NULL,
    by          TEXT NOT NULL,
    at          INTEGER NOT NULL,
    resolved_by TEXT NOT NULL DEFAULT '',
    resolved_at INTEGER NOT NULL DEFAULT 0 -- 0: open
);
CREATE INDEX desk_notes_week ON desk_notes (week, id);

-- Who has approved which content, where more than one has to.
CREATE TABLE desk_approvals (
    week TEXT NOT NULL,
    hash TEXT NOT NULL,
    by   TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (week, hash, by)
) WITHOUT ROWID;
