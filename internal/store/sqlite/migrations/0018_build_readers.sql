-- What a build knew of readers (votes), as JSON: built again, the same content gives
-- the same mail though somebody has voted since. '': a version that told nothing of it.
ALTER TABLE edition_builds ADD COLUMN readers TEXT NOT NULL DEFAULT '';
