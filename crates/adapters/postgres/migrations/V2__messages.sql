-- The predecessor's table becomes ours, in one rewrite of its rows. Runs in the
-- transaction of V1 and those after it: all of them, or nothing.

-- The one clock of the protocol. It inlines to clock_timestamp(); tests replace
-- it to drive time by hand.
CREATE FUNCTION dispatch_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

LOCK TABLE messages IN ACCESS EXCLUSIVE MODE;

-- What is taken over, for the report of the program that runs this.
SELECT set_config('dispatcher.adoption', json_build_object(
        'locked_at', extract(epoch FROM clock_timestamp()),
        'queued', count(*) FILTER (WHERE NOT sent),
        'sent', count(*) FILTER (WHERE sent),
        'rejected', count(*) FILTER (WHERE sent IS NULL))::text, FALSE)
    FROM messages;

-- Its times carry no zone: they are read in this one, whatever the session's.
SELECT set_config('TimeZone',
    coalesce(nullif(current_setting('dispatcher.legacy_timezone', TRUE), ''), 'UTC'), TRUE);

-- The rewrite would build them anew, and the new ones below do their work.
DROP INDEX IF EXISTS idx_messages_sent_created;
DROP INDEX IF EXISTS idx_messages_sent;

-- The predecessor's own is of this type; somebody may have changed it. Not by the
-- way, below: what uses the column would forbid even a change to what it is.
DO $$
BEGIN
    IF (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = 'messages'::regclass AND attname = 'phone_number')
        <> 'character varying(20)' THEN
        ALTER TABLE messages ALTER COLUMN phone_number TYPE varchar(20);
    END IF;
END $$;

-- Costs nothing yet. Below they are filled by USING, which sees the old row, in
-- the same pass over the table that does everything else: a default and an
-- UPDATE would write millions of rows twice.
ALTER TABLE messages
    ADD COLUMN status        text,
    ADD COLUMN status_reason text;

-- The queue. `INSERT INTO messages (phone_number, content)` by any program is
-- the oldest ingest API of this product: every other column has a default.
ALTER TABLE messages
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN phone_number SET NOT NULL,
    ALTER COLUMN content TYPE text,
    ALTER COLUMN content SET NOT NULL,
    -- Mirrors `status` for programs of the predecessor: TRUE when accepted,
    -- FALSE exactly when queued, NULL otherwise.
    ALTER COLUMN sent SET DEFAULT FALSE,
    ALTER COLUMN sent DROP NOT NULL,
    -- Without a date it was last in the queue, and stays there.
    ALTER COLUMN created_at TYPE timestamptz USING coalesce(created_at, now()),
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN created_at SET DEFAULT dispatch_now(),
    ALTER COLUMN status TYPE text
        USING CASE WHEN sent THEN 'sent' WHEN NOT sent THEN 'queued' ELSE 'rejected' END,
    ALTER COLUMN status SET NOT NULL,
    ALTER COLUMN status SET DEFAULT 'queued',
    -- The predecessor never sent such a row; neither do we.
    ALTER COLUMN status_reason TYPE text USING CASE WHEN sent IS NULL THEN 'legacy_null' END,
    -- Names the message for ever; ids are reused after TRUNCATE … RESTART IDENTITY.
    ADD COLUMN uuid                uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The idempotency key is <uuid>-<key_epoch>.
    ADD COLUMN key_epoch           integer NOT NULL DEFAULT 0,
    ADD COLUMN priority            smallint NOT NULL DEFAULT 0,
    -- NULL: due. Set: due from then on; cleared by the START that finds it due.
    ADD COLUMN not_before          timestamptz,
    -- Counts STARTs and only grows: it fences completions.
    ADD COLUMN attempt             integer NOT NULL DEFAULT 0,
    -- The retry budget: sends of unknown outcome.
    ADD COLUMN tries_used          integer NOT NULL DEFAULT 0,
    ADD COLUMN unknown_outcomes    integer NOT NULL DEFAULT 0,
    -- On a final status: the provider may have accepted it all the same.
    ADD COLUMN maybe_sent          boolean GENERATED ALWAYS AS (unknown_outcomes > 0) STORED,
    ADD COLUMN started_at          timestamptz,
    ADD COLUMN lease_token         uuid,
    ADD COLUMN lease_until         timestamptz,
    -- One recipient, however the number is spelt: its digits without zeros in
    -- front, since `+90…`, `0090…` and `90…` are one.
    ADD COLUMN lane                text GENERATED ALWAYS AS (
        coalesce(nullif(ltrim(regexp_replace(phone_number, '[^0-9]', '', 'g'), '0'), ''),
                 phone_number)) STORED,
    -- Set by a START with ORDERING=recipient: no second one in this lane.
    ADD COLUMN lane_exclusive      boolean NOT NULL DEFAULT FALSE,
    -- When an unconfirmed message is looked at next; epoch: at once.
    ADD COLUMN next_probe_at       timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN probes              integer NOT NULL DEFAULT 0,
    -- No START from then on of a message that may have been sent before: the
    -- provider may have forgotten its idempotency key.
    ADD COLUMN resend_until        timestamptz,
    ADD COLUMN sent_at             timestamptz,
    ADD COLUMN provider_message_id text,
    -- What follows from the two texts: `gsm7` or `ucs2`, how many SMS that
    -- takes, and the number as E.164 where it can be told. Written by the API
    -- and by every START; NULL in rows of others until then. No default and no
    -- expression: rows that are taken over cost nothing.
    ADD COLUMN encoding            text,
    ADD COLUMN segments            integer,
    ADD COLUMN phone_e164          text,
    ADD CONSTRAINT messages_status_is_known CHECK (status IN (
        'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed',
        'unconfirmed', 'canceled', 'expired', 'rejected')),
    ADD CONSTRAINT messages_sent_mirrors_status CHECK (sent IS NOT DISTINCT FROM CASE
        WHEN status IN ('sent', 'delivered', 'undelivered') THEN TRUE
        WHEN status = 'queued' THEN FALSE END),
    -- PostgreSQL knows `infinity` and the year 294276; the programs that read
    -- these, and RFC 3339, do not. Ours end two hours before the last day: a time
    -- must stay a date in every zone.
    ADD CONSTRAINT messages_times_are_dates CHECK (
        created_at >= '0001-01-01 00:00:00Z' AND created_at < '9999-12-30 22:00:00Z'
        AND not_before >= '0001-01-01 00:00:00Z' AND not_before < '9999-12-30 22:00:00Z');

SET LOCAL TimeZone TO DEFAULT;

-- Only now: the rows of the past do not change any more, and fill their pages.
ALTER TABLE messages SET (
    -- Every message is updated two or three times: leave room on its page, and
    -- let vacuum keep up, so that claims stay fast.
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_analyze_threshold = 1000
);

-- The sequence that ids come from is integer still, whoever made it and
-- whatever its name. A cache would mix up the order of two sessions.
DO $$
DECLARE
    ids regclass;
BEGIN
    SELECT ident.objid INTO ids FROM pg_depend ident
        WHERE ident.refobjid = 'messages'::regclass AND ident.deptype = 'i'
          AND ident.classid = 'pg_class'::regclass AND ident.refobjsubid =
              (SELECT attnum FROM pg_attribute
               WHERE attrelid = 'messages'::regclass AND attname = 'id');
    IF ids IS NULL THEN
        SELECT uses.refobjid INTO STRICT ids
            FROM pg_attrdef def
            JOIN pg_attribute id ON id.attrelid = def.adrelid AND id.attnum = def.adnum
            JOIN pg_depend uses ON uses.classid = 'pg_attrdef'::regclass AND uses.objid = def.oid
            JOIN pg_class seq ON seq.oid = uses.refobjid AND seq.relkind = 'S'
            WHERE def.adrelid = 'messages'::regclass AND id.attname = 'id';
    END IF;
    EXECUTE format('ALTER SEQUENCE %s AS bigint CACHE 1', ids);
END $$;

-- The predecessor's, for whoever looks for a number.
CREATE INDEX IF NOT EXISTS idx_messages_phone ON messages (phone_number);

CREATE UNIQUE INDEX messages_uuid ON messages (uuid);

-- The head of the queue. Scheduled messages are not in it, so that a million
-- of them in front cost a claim nothing.
CREATE INDEX messages_due ON messages (priority DESC, created_at, id)
    WHERE status = 'queued' AND not_before IS NULL;
CREATE INDEX messages_scheduled ON messages (not_before)
    WHERE status = 'queued' AND not_before IS NOT NULL;
CREATE INDEX messages_due_by_lane ON messages (lane, priority DESC, created_at, id)
    WHERE status = 'queued' AND not_before IS NULL;

-- What is in flight.
CREATE INDEX messages_leases ON messages (lease_until) WHERE status = 'sending';
CREATE INDEX messages_lanes_in_flight ON messages (lane) WHERE status = 'sending';
-- Two STARTs at the same moment may see different queues: this index, not the
-- query, is what keeps two messages to one recipient apart.
CREATE UNIQUE INDEX messages_one_in_flight_per_lane ON messages (lane)
    WHERE status = 'sending' AND lane_exclusive;

-- What is in doubt, looked at in turn.
CREATE INDEX messages_in_doubt ON messages (next_probe_at, id) WHERE status = 'unconfirmed';

-- The list of sent messages.
CREATE INDEX messages_sent_in_order ON messages (created_at, id) WHERE sent;
-- The messages of one other status, oldest first.
CREATE INDEX messages_by_status ON messages (status, created_at, id)
    WHERE status NOT IN ('sent', 'delivered', 'undelivered');
