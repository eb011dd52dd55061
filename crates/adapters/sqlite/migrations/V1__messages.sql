-- The queue. `INSERT INTO messages (phone_number, content)` by any program, the
-- sqlite3 shell included, is an ingest API of this product: every other column
-- has a default. Nothing here is younger than SQLite 3.31 (2020), so that the
-- shells that systems bring can write to the file.
--
-- Times are whole microseconds since 1970 (UTC); in a shell
-- `datetime(created_at / 1000000, 'unixepoch')` shows one. UUIDs are lower-case
-- texts. Columns are checked for their types, as SQLite stores what it is given;
-- the two texts are not: what is no text becomes `rejected` when its turn comes.
CREATE TABLE messages (
    -- AUTOINCREMENT: the id of a deleted message is never given to another.
    id                  integer PRIMARY KEY AUTOINCREMENT,
    phone_number        text NOT NULL,
    content             text NOT NULL,
    -- Mirrors `status` for programs of the predecessor: 1 when accepted, 0
    -- exactly when queued, NULL otherwise. Triggers hold it (V4).
    sent                boolean DEFAULT 0,
    -- The system's clock in milliseconds: no finer one is in all shells.
    created_at          integer NOT NULL ON CONFLICT REPLACE DEFAULT (
                            cast(round((julianday('now') - 2440587.5) * 86400000) AS integer) * 1000),
    -- Names the message for ever, in copies of this file too.
    uuid                text NOT NULL ON CONFLICT REPLACE DEFAULT (
                            lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
                            || '-4' || substr(lower(hex(randomblob(2))), 2)
                            || '-' || substr('89ab', 1 + (random() & 3), 1)
                            || substr(lower(hex(randomblob(2))), 2)
                            || '-' || lower(hex(randomblob(6)))),
    -- The idempotency key is <uuid>-<key_epoch>.
    key_epoch           integer NOT NULL DEFAULT 0,
    status              text NOT NULL DEFAULT 'queued',
    status_reason       text,
    priority            integer NOT NULL DEFAULT 0,
    -- NULL: due. Set: due from then on; cleared by the START that finds it due.
    not_before          integer,
    -- Counts STARTs and only grows: it fences completions.
    attempt             integer NOT NULL DEFAULT 0,
    -- The retry budget: sends of unknown outcome.
    tries_used          integer NOT NULL DEFAULT 0,
    unknown_outcomes    integer NOT NULL DEFAULT 0,
    -- On a final status: the provider may have accepted it all the same.
    maybe_sent          boolean GENERATED ALWAYS AS (unknown_outcomes > 0) VIRTUAL,
    started_at          integer,
    lease_token         text,
    lease_until         integer,
    -- One recipient, however the number is spelt; written by START, since only
    -- what is in flight is looked up by it.
    lane                text,
    -- When an unconfirmed message is looked at next; 0: at once.
    next_probe_at       integer NOT NULL DEFAULT 0,
    probes              integer NOT NULL DEFAULT 0,
    -- No START from then on of a message that may have been sent before: the
    -- provider may have forgotten its idempotency key.
    resend_until        integer,
    sent_at             integer,
    provider_message_id text,
    -- What follows from the two texts: `gsm7` or `ucs2`, how many SMS that
    -- takes, and the number as E.164 where it can be told. Written by the API
    -- and by every START; NULL in rows of others until then.
    encoding            text,
    segments            integer,
    phone_e164          text,
    CONSTRAINT messages_status_is_known CHECK (status IN (
        'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed',
        'unconfirmed', 'canceled', 'expired', 'rejected')),
    CONSTRAINT messages_sent_is_boolean CHECK (sent IN (0, 1)),
    CONSTRAINT messages_uuid_is_lower_case CHECK (
        typeof(uuid) = 'text' AND length(cast(uuid AS blob)) = 36
        AND uuid GLOB '????????-????-????-????-????????????'
        AND uuid NOT GLOB '*[^0-9a-f-]*' AND length(replace(uuid, '-', '')) = 32),
    -- From the year 1 to the last hours of 9999: our programs and RFC 3339 know
    -- no other times, and one that cannot be read would stop those that can.
    CONSTRAINT messages_times_are_microseconds CHECK (
        typeof(created_at) = 'integer'
        AND created_at BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(not_before) IN ('integer', 'null')
        AND coalesce(not_before, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(next_probe_at) = 'integer'
        AND next_probe_at BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(resend_until) IN ('integer', 'null')
        AND coalesce(resend_until, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(sent_at) IN ('integer', 'null')
        AND coalesce(sent_at, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(started_at) IN ('integer', 'null')
        AND typeof(lease_until) IN ('integer', 'null')),
    CONSTRAINT messages_priority_is_small CHECK (
        typeof(priority) = 'integer' AND priority BETWEEN -32768 AND 32767),
    CONSTRAINT messages_counters_are_integers CHECK (
        typeof(key_epoch) = 'integer' AND key_epoch BETWEEN 0 AND 2147483646
        AND typeof(attempt) = 'integer' AND attempt BETWEEN 0 AND 2147483646
        AND typeof(tries_used) = 'integer' AND tries_used BETWEEN 0 AND 2147483646
        AND typeof(unknown_outcomes) = 'integer'
        AND unknown_outcomes BETWEEN 0 AND 2147483646
        AND typeof(probes) = 'integer' AND probes BETWEEN 0 AND 2147483646)
);

CREATE UNIQUE INDEX messages_uuid ON messages (uuid);

-- The head of the queue. Scheduled messages are not in it, so that a million
-- of them in front cost a claim nothing. The last column is always NULL here:
-- with it SQLite counts by the index alone, without a look at the rows.
CREATE INDEX messages_due ON messages (priority DESC, created_at, id, not_before)
    WHERE status = 'queued' AND not_before IS NULL;
CREATE INDEX messages_scheduled ON messages (not_before)
    WHERE status = 'queued' AND not_before IS NOT NULL;

-- What is in flight.
CREATE INDEX messages_leases ON messages (lease_until) WHERE status = 'sending';

-- What is in doubt, looked at in turn.
CREATE INDEX messages_in_doubt ON messages (next_probe_at, id) WHERE status = 'unconfirmed';

-- The list of sent messages.
CREATE INDEX messages_sent_in_order ON messages (created_at, id) WHERE sent = 1;
-- The messages of one other status, oldest first. SQLite takes it only for a
-- query that says the same of `status`, word for word.
CREATE INDEX messages_by_status ON messages (status, created_at, id)
    WHERE status NOT IN ('sent', 'delivered', 'undelivered');
