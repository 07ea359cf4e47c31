-- A cancelled edition's send ends when its last message is recorded. Until now
-- it ended with the cancellation, and what was on its way when the sender died
-- stayed so: such sends are open again, for the next opening to end.
UPDATE sends SET finished_at = 0
WHERE compacted_at = 0
  AND edition_id IN (SELECT id FROM editions WHERE state = 'cancelled')
  AND EXISTS (SELECT 1 FROM deliveries d WHERE d.edition_id = sends.edition_id AND d.state IN (0, 1, 2, 4));
