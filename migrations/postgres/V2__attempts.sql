-- One row for each START: written with the claim, before the POST, so that
-- there is no POST without a record. No foreign key: TRUNCATE of the queue
-- must go on working for the programs that use it.
CREATE TABLE attempts (
    message_uuid        uuid NOT NULL,
    attempt             integer NOT NULL,
    message_id          bigint NOT NULL,
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
