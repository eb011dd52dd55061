-- Failures in a row over all replicas: they open the circuit breaker together,
-- so that many replicas lose no more messages to an outage than one.
ALTER TABLE dispatch_control
    ADD COLUMN breaker_failures integer NOT NULL DEFAULT 0 CHECK (breaker_failures >= 0);
