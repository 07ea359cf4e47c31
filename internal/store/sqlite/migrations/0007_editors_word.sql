-- An edition that an editor has held or approved goes with an approval only,
-- also where editors need not approve; and who left a week out.
ALTER TABLE editions ADD COLUMN needs_approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE editions ADD COLUMN skipped_by TEXT NOT NULL DEFAULT '';
UPDATE editions SET needs_approval = 1 WHERE state IN ('approved', 'held');
-- A held edition is not approved.
UPDATE editions SET approved_hash = '', approved_by = '' WHERE state = 'held';
