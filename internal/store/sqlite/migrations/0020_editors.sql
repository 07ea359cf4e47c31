-- Links that log an editor in: mailed on request, good for a quarter of an hour,
-- once.
CREATE TABLE desk_logins (
    token_sha256 BLOB PRIMARY KEY,
    editor       TEXT NOT NULL,            -- an address of the settings' editors
    next         TEXT NOT NULL DEFAULT '', -- the desk's page that was asked for
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Browsers that editors are logged in with.
CREATE TABLE desk_sessions (
    id           INTEGER PRIMARY KEY,
    token_sha256 BLOB NOT NULL,
    editor       TEXT NOT NULL,
    browser      TEXT NOT NULL DEFAULT '', -- what it calls itself (User-Agent)
    began_at     INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE UNIQUE INDEX desk_sessions_token ON desk_sessions (token_sha256);
CREATE INDEX desk_sessions_editor ON desk_sessions (editor);

-- Links with which a reviewer may look at one week's edition.
CREATE TABLE desk_shares (
    id           INTEGER PRIMARY KEY,
    token_sha256 BLOB NOT NULL,
    week         TEXT NOT NULL,
    by           TEXT NOT NULL,            -- the editor who made it
    made_at      INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL DEFAULT 0,
    ended_by     TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX desk_shares_token ON desk_shares (token_sha256);
CREATE INDEX desk_shares_week ON desk_shares (week, id);
