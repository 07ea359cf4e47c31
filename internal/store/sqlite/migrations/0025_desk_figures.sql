-- Who left in a span of time, for the editors' figures.
CREATE INDEX subscriber_events_leave ON subscriber_events (at) WHERE kind = 'leave';

-- What each editor saw last of a week, to say what has changed since: the newest
-- two contents.
CREATE TABLE desk_seen (
    editor TEXT NOT NULL,
    week   TEXT NOT NULL,
    hash   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    build  TEXT NOT NULL,                  -- JSON of edition.Build
    PRIMARY KEY (editor, week, hash)
) WITHOUT ROWID;
