-- The one clock of the protocol. It inlines to clock_timestamp(); tests replace
-- it to drive time by hand.
CREATE FUNCTION dispatch_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- The queue. `INSERT INTO messages (phone_number, content)` by any program is
-- the oldest ingest API of this product: every other column has a default.
CREATE TABLE messages (
    id                  bigserial PRIMARY KEY,
    phone_number        varchar(20) NOT NULL,
    content             text NOT NULL,
    -- Mirrors `status` for programs of the predecessor: TRUE when accepted,
    -- FALSE exactly when queued, NULL otherwise.
    sent                boolean DEFAULT FALSE,
    created_at          timestamptz NOT NULL DEFAULT dispatch_now(),
    -- Names the message for ever; ids are reused after TRUNCATE … RESTART IDENTITY.
    uuid                uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The idempotency key is <uuid>-<key_epoch>.
    key_epoch           integer NOT NULL DEFAULT 0,
    status              text NOT NULL DEFAULT 'queued',
    status_reason       text,
    priority            smallint NOT NULL DEFAULT 0,
    -- NULL: due. Set: due from then on; cleared by the START that finds it due.
    not_before          timestamptz,
    -- Counts STARTs and only grows: it fences completions.
    attempt             integer NOT NULL DEFAULT 0,
    -- The retry budget: sends of unknown outcome.
    tries_used          integer NOT NULL DEFAULT 0,
    unknown_outcomes    integer NOT NULL DEFAULT 0,
    -- On a final status: the provider may have accepted it all the same.
    maybe_sent          boolean GENERATED ALWAYS AS (unknown_outcomes > 0) STORED,
    started_at          timestamptz,
    lease_token         uuid,
    lease_until         timestamptz,
    -- One recipient, however the number is spelt.
    lane                text GENERATED ALWAYS AS (
                            coalesce(nullif(regexp_replace(phone_number, '[^0-9]', '', 'g'), ''),
                                     phone_number)) STORED,
    -- Set by a START with ORDERING=recipient: no second one in this lane.
    lane_exclusive      boolean NOT NULL DEFAULT FALSE,
    sent_at             timestamptz,
    provider_message_id text,
    CONSTRAINT messages_status_is_known CHECK (status IN (
        'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed',
        'unconfirmed', 'canceled', 'expired', 'rejected')),
    CONSTRAINT messages_sent_mirrors_status CHECK (sent IS NOT DISTINCT FROM CASE
        WHEN status IN ('sent', 'delivered', 'undelivered') THEN TRUE
        WHEN status = 'queued' THEN FALSE END),
    -- PostgreSQL knows `infinity` and the year 294276; the programs that read
    -- these, and RFC 3339, do not.
    CONSTRAINT messages_times_are_dates CHECK (
        created_at >= '0001-01-01 00:00:00Z' AND created_at < '9999-12-31 00:00:00Z'
        AND not_before >= '0001-01-01 00:00:00Z' AND not_before < '9999-12-31 00:00:00Z')
) WITH (
    -- Every message is updated two or three times: leave room on its page, and
    -- let vacuum keep up, so that claims stay fast.
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02,
    autovacuum_analyze_threshold = 1000
);

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

-- The list of sent messages, and what an operator looks for.
CREATE INDEX messages_sent_in_order ON messages (created_at, id) WHERE sent;
CREATE INDEX messages_troubled ON messages (status, id)
    WHERE status IN ('unconfirmed', 'failed', 'rejected');
