-- Programs of the predecessor know one column, `sent`, and go on writing it.
-- Our own writes always change `status` with it, so the WHEN clauses below keep
-- them from paying for what stands in these triggers.
--
-- SQLite cannot change a row on its way in, so these run after the write and
-- change it again, in the same statement: nobody sees what lies between. For
-- the same reason no CHECK can hold the mirror; the last two triggers do.

CREATE TRIGGER messages_foreign_insert AFTER INSERT ON messages
WHEN NEW.status = 'queued' AND NEW.sent IS NOT 0
BEGIN
    UPDATE messages SET
        status = CASE WHEN NEW.sent = 1 THEN 'sent' ELSE 'rejected' END,
        -- NULL: the predecessor never sent such a row; neither do we.
        status_reason = CASE WHEN NEW.sent = 1 THEN 'marked_by_sql' ELSE 'legacy_null' END
    WHERE id = NEW.id;
END;

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

CREATE TRIGGER messages_sent_mirrors_status_on_insert AFTER INSERT ON messages
WHEN NEW.status <> 'queued' AND NEW.sent IS NOT
    CASE WHEN NEW.status IN ('sent', 'delivered', 'undelivered') THEN 1 END
BEGIN
    SELECT RAISE(ABORT, 'messages_sent_mirrors_status: sent must be 1 when accepted, 0 when queued, else NULL');
END;

CREATE TRIGGER messages_sent_mirrors_status_on_update AFTER UPDATE OF status ON messages
WHEN NEW.sent IS NOT
    CASE WHEN NEW.status IN ('sent', 'delivered', 'undelivered') THEN 1
         WHEN NEW.status = 'queued' THEN 0 END
BEGIN
    SELECT RAISE(ABORT, 'messages_sent_mirrors_status: sent must be 1 when accepted, 0 when queued, else NULL');
END;
