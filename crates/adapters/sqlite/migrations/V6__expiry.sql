-- Messages that are worth nothing after a while: no send starts from
-- `expires_at` on, and the message is `expired`.
-- works-with: 5
-- A server of schema 5 does without it, and sends late what is late.

ALTER TABLE messages ADD COLUMN expires_at integer
    CONSTRAINT messages_expiry_is_microseconds CHECK (
        typeof(expires_at) IN ('integer', 'null')
        AND coalesce(expires_at, 0) BETWEEN -62135596800000000 AND 253402207199999999);

CREATE INDEX messages_expiring ON messages (expires_at)
    WHERE status = 'queued' AND expires_at IS NOT NULL;

-- As in V4, but a message that is put back into the queue waits for no time and
-- ends at none that is over.
DROP TRIGGER messages_foreign_update;

CREATE TRIGGER messages_foreign_update AFTER UPDATE OF sent ON messages
WHEN NEW.sent IS NOT OLD.sent AND NEW.status IS OLD.status
BEGIN
    SELECT CASE
        WHEN NEW.sent = 1 THEN NULL
        WHEN OLD.status = 'sending'
            THEN RAISE(ABORT, 'the message is being sent: wait until its status is final')
        WHEN NEW.sent = 0 OR OLD.status = 'queued' THEN NULL
        ELSE RAISE(ABORT, 'the message is not queued: set sent to 0 to requeue it')
    END;
    UPDATE messages SET
        status = CASE NEW.sent WHEN 1 THEN 'sent' WHEN 0 THEN 'queued' ELSE 'canceled' END,
        status_reason = CASE NEW.sent
            WHEN 1 THEN 'marked_by_sql' WHEN 0 THEN 'requeued_by_sql' ELSE 'canceled_by_sql' END,
        not_before = CASE WHEN NEW.sent = 0 THEN NULL ELSE not_before END,
        -- Or it would expire again at once; one to come stays.
        expires_at = CASE WHEN NEW.sent = 0 AND expires_at <= cast(round(
            (julianday('now') - 2440587.5) * 86400000) AS integer) * 1000
            THEN NULL ELSE expires_at END,
        -- Whoever queues it again decides anew, and knows of no such limit.
        resend_until = NULL,
        tries_used = CASE WHEN NEW.sent = 0 THEN 0 ELSE tries_used END,
        sent_at = CASE NEW.sent WHEN 1 THEN coalesce(sent_at, cast(round(
            (julianday('now') - 2440587.5) * 86400000) AS integer) * 1000) ELSE NULL END,
        provider_message_id = CASE WHEN NEW.sent = 0 THEN NULL ELSE provider_message_id END,
        -- A message that may have been sent keeps its idempotency key, so that
        -- a provider that honours it still sends one SMS. One that was sent is
        -- meant to be sent again.
        key_epoch = key_epoch + (NEW.sent IS 0 AND (OLD.unknown_outcomes = 0 OR OLD.sent IS 1))
    WHERE id = NEW.id;
END;
