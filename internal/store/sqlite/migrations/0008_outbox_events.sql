-- A row of the outbox is an event with a version of its data. What waits was
-- written under the names of Go's fields; from now on the data has names of its
-- own (package outbox, version 1).
ALTER TABLE outbox ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

UPDATE outbox SET data = json_object(
    'week', data ->> '$.Week',
    'subject', data ->> '$.Subject',
    'slot', data ->> '$.Slot',
    'hash', '',
    'approval_required', json(iif(data ->> '$.ApprovalRequired', 'true', 'false')),
    'readers', coalesce(data ->> '$.Recipients', 0),
    'featured', json((SELECT json_group_array(json_object('title', value ->> '$.Title', 'reason', value ->> '$.Reason'))
                 FROM json_each(data, '$.Featured') WHERE type = 'object')),
    'left_out', json((SELECT json_group_array(json_object('title', value ->> '$.Title', 'reason', value ->> '$.Reason'))
                 FROM json_each(data, '$.LeftOut') WHERE type = 'object')),
    'problems', json(coalesce(data -> '$.Problems', '[]')),
    'notes', json(coalesce(data -> '$.Notes', '[]')))
WHERE kind = 'draft_ready' AND state = 0;

UPDATE outbox SET data = json_object(
    'week', data ->> '$.Week',
    'subject', data ->> '$.Subject',
    'slot', data ->> '$.Slot',
    'reason', data ->> '$.Reason',
    'by_hand', json(iif(data ->> '$.ByHand', 'true', 'false')),
    'paused', json(iif(data ->> '$.Paused', 'true', 'false')))
WHERE kind = 'held' AND state = 0;

UPDATE outbox SET data = json_object(
    'week', data ->> '$.Week',
    'slot', data ->> '$.Slot',
    'catch_up_seconds', (data ->> '$.CatchUp') / 1000000000,
    'noticed', data ->> '$.Now')
WHERE kind = 'missed' AND state = 0;

UPDATE outbox SET data = json_object(
    'week', data ->> '$.Week',
    'subject', data ->> '$.Subject',
    'started_at', data ->> '$.StartedAt',
    'finished_at', data ->> '$.FinishedAt',
    'total', data ->> '$.Total',
    'accepted', data ->> '$.Accepted',
    'deferred', data ->> '$.Deferred',
    'failed', data ->> '$.Failed',
    'unknown', data ->> '$.Unknown',
    'suppressed', data ->> '$.Suppressed',
    'failures', json(coalesce(data -> '$.Failures', '[]')),
    'archive_url', coalesce(data ->> '$.ArchiveURL', ''))
WHERE kind = 'report' AND state = 0;
