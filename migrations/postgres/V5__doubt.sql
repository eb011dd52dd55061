-- Messages in doubt: looked at in turn, and perhaps sent again.
ALTER TABLE messages
    -- When an `unconfirmed` message is looked at next; epoch: at once.
    ADD COLUMN next_probe_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN probes        integer NOT NULL DEFAULT 0,
    -- No START from then on of a message that may have been sent before: the
    -- provider may have forgotten its idempotency key.
    ADD COLUMN resend_until  timestamptz;

CREATE INDEX messages_in_doubt ON messages (next_probe_at, id) WHERE status = 'unconfirmed';

-- A provider counts the time that it remembers a key from its first use.
ALTER TABLE attempts ADD COLUMN key_epoch integer NOT NULL DEFAULT 0;
