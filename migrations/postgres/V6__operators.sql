-- What operators look at and decide.

-- The epoch of the idempotency key that the attempt went out under: tells how
-- old a key is, and what to ask the provider for.
ALTER TABLE attempts ADD COLUMN key_epoch integer NOT NULL DEFAULT 0;

-- The messages of one status, oldest first. Accepted ones are most of the table
-- and have an index of their own, messages_sent_in_order.
CREATE INDEX messages_by_status ON messages (status, created_at, id)
    WHERE status NOT IN ('sent', 'delivered', 'undelivered');
-- The new one serves what this one did.
DROP INDEX messages_troubled;
