-- Of nearly every group of a send the sender knows how it changes the counts, and says so
-- in the one statement that records it. That statement names the edition's own table,
-- which has no trigger that counts any more: noting each row's old and new version for it
-- took longer than the change. All others name deliveries, whose trigger counts. The
-- tables get another name, so that a sender of before, which would count nothing, fails.
DO $$
DECLARE
    was  text;
    now  text;
    part record;
BEGIN
    FOR was IN
        SELECT relname FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname ~ '^deliveries_[0-9]+$'
    LOOP
        now := 'edition_' || substr(was, length('deliveries_') + 1) || '_deliveries';
        EXECUTE format('DROP TRIGGER IF EXISTS changed ON %I', was);
        FOR part IN SELECT conname AS name FROM pg_constraint WHERE conrelid = was::regclass AND contype IN ('u', 'c') AND starts_with(conname, was) LOOP
            EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I', was, part.name, now || substr(part.name, length(was) + 1));
        END LOOP;
        FOR part IN SELECT relname AS name FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indrelid = was::regclass AND starts_with(relname, was) LOOP
            EXECUTE format('ALTER INDEX %I RENAME TO %I', part.name, now || substr(part.name, length(was) + 1));
        END LOOP;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', was, now);
    END LOOP;
END $$;

-- Undoes the statement that finds that its group is another one.
CREATE FUNCTION unusual_group() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the group is not a usual one' USING ERRCODE = 'DG001';
END $$;

-- What usual groups have changed and send_counts and send_days lack, kept in the row that
-- each group changes in any case: of the sender with this epoch, through one relay, on one
-- day. It is added to those when that changes or the sender ends; counts_now and days_now
-- have it in. Whoever ends an epoch takes it from here too: a usual group holds nothing
-- else against being taken over.
ALTER TABLE send_journals
    ADD COLUMN tally_epoch    BIGINT NOT NULL DEFAULT 0,  -- 0: nothing is kept here
    ADD COLUMN tally_relay    INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN tally_day      BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN tally_dots     BIGINT NOT NULL DEFAULT 0,  -- intents
    ADD COLUMN tally_dotting  BIGINT NOT NULL DEFAULT 0,  -- so many more of the epoch's are dotting,
    ADD COLUMN tally_accepted BIGINT NOT NULL DEFAULT 0;  -- and accepted: so many fewer are claimed

CREATE VIEW counts_now AS
SELECT edition_id, epoch, state, relay, sum(n)::bigint AS n
FROM (
    SELECT edition_id, epoch, state, relay, n FROM send_counts
    UNION ALL
    SELECT j.edition_id, j.tally_epoch, t.state, t.relay, t.n
    FROM send_journals j,
         LATERAL (VALUES (1::smallint, 0, -j.tally_dotting - j.tally_accepted),
                         (2::smallint, j.tally_relay, j.tally_dotting),
                         (3::smallint, j.tally_relay, j.tally_accepted)) t (state, relay, n)
    WHERE j.tally_epoch > 0) c
GROUP BY edition_id, epoch, state, relay;

CREATE VIEW days_now AS
SELECT day, sum(dots)::bigint AS dots
FROM (
    SELECT day, dots FROM send_days
    UNION ALL
    SELECT tally_day, tally_dots FROM send_journals WHERE tally_dots > 0) d
GROUP BY day;
