-- What there is to know about starting sends: one row, read and written by each
-- START. People edit it by hand, and a value that cannot be read would stop all
-- sending: so each is checked.
CREATE TABLE dispatch_control (
    singleton           boolean PRIMARY KEY DEFAULT 1 CHECK (singleton = 1),
    enabled             boolean NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    -- The policy of the process that started last.
    batch_size          integer NOT NULL DEFAULT 2,
    period_ms           integer NOT NULL DEFAULT 120000,
    ordering            text NOT NULL DEFAULT 'strict'
                            CHECK (ordering IN ('strict', 'recipient', 'none')),
    quota_left          integer NOT NULL DEFAULT 0,
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
    -- Failures in a row over all sends: they open it.
    breaker_failures    integer NOT NULL DEFAULT 0,
    probe_token         text,
    probe_until         integer,
    CONSTRAINT dispatch_control_numbers_are_integers CHECK (
        typeof(batch_size) = 'integer' AND batch_size BETWEEN 1 AND 2147483647
        AND typeof(period_ms) = 'integer' AND period_ms BETWEEN 0 AND 31536000000
        AND typeof(quota_left) = 'integer' AND quota_left BETWEEN 0 AND 2147483647
        AND typeof(breaker_openings) = 'integer'
        AND breaker_openings BETWEEN 0 AND 2147483647
        AND typeof(breaker_failures) = 'integer'
        AND breaker_failures BETWEEN 0 AND 2147483647
        -- A thousand years: a clock that was set back leaves long ones behind.
        AND typeof(coalesce(busy_lease_ms, 0)) = 'integer'
        AND coalesce(busy_lease_ms, 0) BETWEEN 0 AND 31557600000000),
    CONSTRAINT dispatch_control_times_are_microseconds CHECK (
        typeof(next_tick_at) = 'integer'
        AND next_tick_at BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(coalesce(busy_until, 0)) = 'integer'
        AND coalesce(busy_until, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(coalesce(throttled_until, 0)) = 'integer'
        AND coalesce(throttled_until, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(coalesce(breaker_until, 0)) = 'integer'
        AND coalesce(breaker_until, 0) BETWEEN -62135596800000000 AND 253402207199999999
        AND typeof(coalesce(probe_until, 0)) = 'integer'
        AND coalesce(probe_until, 0) BETWEEN -62135596800000000 AND 253402207199999999),
    CONSTRAINT dispatch_control_tokens_are_uuids CHECK (
        length(coalesce(busy_token, '00000000-0000-0000-0000-000000000000')) = 36
        AND length(coalesce(probe_token, '00000000-0000-0000-0000-000000000000')) = 36)
);

INSERT INTO dispatch_control DEFAULT VALUES;
