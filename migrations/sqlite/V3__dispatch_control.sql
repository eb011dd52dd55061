-- What there is to know about starting sends: one row, read and written by each
-- START.
CREATE TABLE dispatch_control (
    singleton           boolean PRIMARY KEY DEFAULT 1 CHECK (singleton = 1),
    enabled             boolean NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    -- The policy of the process that started last.
    batch_size          integer NOT NULL DEFAULT 2 CHECK (batch_size > 0),
    period_ms           integer NOT NULL DEFAULT 120000 CHECK (period_ms >= 0),
    ordering            text NOT NULL DEFAULT 'strict'
                            CHECK (ordering IN ('strict', 'recipient', 'none')),
    quota_left          integer NOT NULL DEFAULT 0 CHECK (quota_left >= 0),
    next_tick_at        integer NOT NULL DEFAULT 0,
    -- The send in flight, with strict order.
    busy_token          text,
    busy_until          integer,
    busy_lease_ms       integer,
    -- The provider asked us to wait until then.
    throttled_until     integer,
    -- The circuit breaker: open when breaker_until is set.
    breaker_until       integer,
    breaker_openings    integer NOT NULL DEFAULT 0,
    breaker_reason      text,
    probe_token         text,
    probe_until         integer
);

INSERT INTO dispatch_control DEFAULT VALUES;
