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
    -- The provider asked all of us to wait until then.
    throttled_until     timestamptz,
    -- The circuit breaker: open when breaker_until is set.
    breaker_until       timestamptz,
    breaker_openings    integer NOT NULL DEFAULT 0,
    breaker_reason      text,
    probe_token         uuid,
    probe_until         timestamptz
) WITH (fillfactor = 50);

INSERT INTO dispatch_control DEFAULT VALUES;
