-- One row for each START: written with the claim, before the POST, so that
-- there is no POST without a record. No foreign key: programs that empty the
-- queue must go on working.
CREATE TABLE attempts (
    message_uuid        text NOT NULL,
    attempt             integer NOT NULL,
    message_id          integer NOT NULL,
    -- Of the idempotency key that it went out under: tells how old a key is,
    -- and what to ask the provider for.
    key_epoch           integer NOT NULL DEFAULT 0,
    lease_token         text NOT NULL,
    instance            text NOT NULL,
    started_at          integer NOT NULL,
    finished_at         integer,
    -- NULL while in flight; accepted, not_sent, rate_limited, refused,
    -- misconfigured, unknown, or: released (no POST), abandoned (lease expired).
    outcome             text,
    reason              text,
    http_status         integer,
    provider_message_id text,
    PRIMARY KEY (message_uuid, attempt)
) WITHOUT ROWID;

CREATE INDEX attempts_by_start ON attempts (started_at);
