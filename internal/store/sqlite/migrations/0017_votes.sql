-- Readers' votes: one a reader and tool, changed in place. A vote belongs to the
-- comparison, whichever edition its link was in.
CREATE TABLE votes (
    slug          TEXT NOT NULL,
    tool          INTEGER NOT NULL CHECK (tool IN (0, 1)),
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    ship          INTEGER NOT NULL CHECK (ship IN (0, 1)),
    at            INTEGER NOT NULL,
    PRIMARY KEY (slug, tool, subscriber_id)
) WITHOUT ROWID;
CREATE INDEX votes_subscriber ON votes (subscriber_id);

-- What they come to, kept with each vote, so that a page counts nothing.
CREATE TABLE vote_tallies (
    slug TEXT NOT NULL,
    tool INTEGER NOT NULL,
    ship INTEGER NOT NULL DEFAULT 0,
    skip INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (slug, tool)
) WITHOUT ROWID;
CREATE TRIGGER vote_cast AFTER INSERT ON votes BEGIN
    INSERT INTO vote_tallies (slug, tool, ship, skip) VALUES (new.slug, new.tool, new.ship, 1 - new.ship)
    ON CONFLICT (slug, tool) DO UPDATE SET ship = ship + new.ship, skip = skip + 1 - new.ship;
END;
CREATE TRIGGER vote_changed AFTER UPDATE ON votes BEGIN
    UPDATE vote_tallies SET ship = ship + new.ship - old.ship, skip = skip + old.ship - new.ship
    WHERE slug = new.slug AND tool = new.tool;
END;
CREATE TRIGGER vote_gone AFTER DELETE ON votes BEGIN
    UPDATE vote_tallies SET ship = ship - old.ship, skip = skip - 1 + old.ship
    WHERE slug = old.slug AND tool = old.tool;
END;
