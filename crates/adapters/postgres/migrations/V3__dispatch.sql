-- One row for each START: written with the claim, before the POST, so that
-- there is no POST without a record. No foreign key: TRUNCATE of the queue
-- must go on working for the programs that use it.
CREATE TABLE attempts (
    message_uuid        uuid NOT NULL,
    attempt             integer NOT NULL,
    message_id          bigint NOT NULL,
    -- Of the idempotency key that it went out under: tells how old a key is,
    -- and what to ask the provider for.
    key_epoch           integer NOT NULL DEFAULT 0,
    lease_token         uuid NOT NULL,
    instance            text NOT NULL,
    started_at          timestamptz NOT NULL,
    finished_at         timestamptz,
    -- NULL while in flight; accepted, not_sent, rate_limited, refused,
    -- misconfigured, unknown, or: released (no POST), abandoned (lease expired).
    outcome             text,
    reason              text,
    http_status         integer,
    provider_message_id text,
    PRIMARY KEY (message_uuid, attempt)
);

CREATE INDEX attempts_by_start ON attempts (started_at);

-- What all replicas share about starting sends: one row, locked by each START.
CREATE TABLE dispatch_control (
    singleton           boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    enabled             boolean NOT NULL DEFAULT TRUE,
    -- The policy of the replica that started last; all obey it.
    batch_size          integer NOT NULL DEFAULT 2 CHECK (batch_size > 0),
    period_ms           bigint NOT NULL DEFAULT 120000 CHECK (period_ms >= 0),
    ordering            text NOT NULL DEFAULT 'strict'
                            CHECK (ordering IN ('strict', 'recipient', 'none')),
    quota_left          integer NOT NULL DEFAULT 0 CHECK (quota_left >= 0),
    next_tick_at        timestamptz NOT NULL DEFAULT 'epoch',
    -- The send in flight, with strict order.
    busy_token          uuid,
    busy_until          timestamptz,
    busy_lease_ms       bigint,
    -- The provider asked all of us to wait until then, or migrate did.
    throttled_until     timestamptz,
    -- The circuit breaker: open when breaker_until is set.
    breaker_until       timestamptz,
    breaker_openings    integer NOT NULL DEFAULT 0,
    breaker_reason      text,
    -- Failures in a row over all replicas: they open it together, so that many
    -- replicas lose no more messages to an outage than one.
    breaker_failures    integer NOT NULL DEFAULT 0 CHECK (breaker_failures >= 0),
    probe_token         uuid,
    probe_until         timestamptz
) WITH (fillfactor = 50);

-- A batch of the predecessor that is just ending may still want to mark its rows
-- as sent: whoever takes over a table with rows waits. Not the tick: that is no
-- hold without a quota, and follows the interval of the first replica.
INSERT INTO dispatch_control (throttled_until)
    SELECT CASE WHEN EXISTS (SELECT FROM messages) THEN dispatch_now() + interval '1 minute' END;
