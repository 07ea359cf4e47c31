-- The first part of the list that gets an edition before the others.
ALTER TABLE sends ADD COLUMN canary TEXT NOT NULL DEFAULT '';          -- subscribers, a JSON array; '': none
ALTER TABLE sends ADD COLUMN canary_until INTEGER NOT NULL DEFAULT 0;  -- when the others' turn comes; 0: the first part is being sent
