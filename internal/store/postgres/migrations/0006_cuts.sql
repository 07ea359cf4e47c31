-- What a variant compares, slugs joined by spaces; '': all that the edition does.
ALTER TABLE edition_frozen ADD COLUMN slugs TEXT NOT NULL DEFAULT '';
