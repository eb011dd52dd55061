-- Messages that are worth nothing after a while: no send starts from
-- `expires_at` on, and the message is `expired`.
-- works-with: 5
-- A server of schema 5 does without it, and sends late what is late.

ALTER TABLE messages
    ADD COLUMN expires_at timestamptz,
    -- As `messages_times_are_dates`. Not valid: no row that is there has one, so
    -- none is looked at; those to come are.
    ADD CONSTRAINT messages_expiry_is_a_date CHECK (
        expires_at >= '0001-01-01 00:00:00Z' AND expires_at < '9999-12-30 22:00:00Z') NOT VALID;

CREATE INDEX messages_expiring ON messages (expires_at, id)
    WHERE status = 'queued' AND expires_at IS NOT NULL;

-- No query needs it any more, and the planner has a wrong idea of it: beside many
-- scheduled messages it read the whole queue by it, to find 5,000.
DROP INDEX IF EXISTS messages_due_by_lane;

-- As in V4, but a message that is put back into the queue waits for no time and
-- ends at none that is over.
CREATE OR REPLACE FUNCTION messages_foreign_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sent IS TRUE THEN
        NEW.status := 'sent';
        NEW.status_reason := 'marked_by_sql';
        NEW.sent_at := coalesce(NEW.sent_at, dispatch_now());
    ELSIF OLD.status = 'sending' THEN
        RAISE EXCEPTION 'message % is being sent: wait until its status is final', OLD.id
            USING ERRCODE = 'object_in_use';
    ELSIF NEW.sent IS FALSE THEN
        NEW.status := 'queued';
        NEW.status_reason := 'requeued_by_sql';
        NEW.not_before := NULL;
        -- Or it would expire again at once; one to come stays.
        IF NEW.expires_at <= dispatch_now() THEN
            NEW.expires_at := NULL;
        END IF;
        NEW.resend_until := NULL;
        NEW.tries_used := 0;
        NEW.sent_at := NULL;
        NEW.provider_message_id := NULL;
        -- A message that may have been sent keeps its idempotency key, so that
        -- a provider that honours it still sends one SMS. One that was sent is
        -- meant to be sent again.
        IF OLD.unknown_outcomes = 0 OR OLD.sent IS TRUE THEN
            NEW.key_epoch := OLD.key_epoch + 1;
        END IF;
    ELSIF OLD.status = 'queued' THEN
        NEW.status := 'canceled';
        NEW.status_reason := 'canceled_by_sql';
    ELSE
        RAISE EXCEPTION 'message % is %: set sent to FALSE to requeue it', OLD.id, OLD.status
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
