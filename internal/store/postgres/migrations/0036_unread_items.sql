-- The file of a carried comparison that could not be read, as JSON of edition.Unread;
-- '' when it was.
ALTER TABLE edition_items ADD COLUMN unread TEXT NOT NULL DEFAULT '';
