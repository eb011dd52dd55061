-- Programs of the predecessor know one column, `sent`, and go on writing it.
-- Our own writes always change `status` with it, so the WHEN clauses below keep
-- them from paying for these functions.

CREATE FUNCTION messages_foreign_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := coalesce(NEW.created_at, dispatch_now());
    IF NEW.sent IS TRUE THEN
        NEW.status := 'sent';
        NEW.status_reason := 'marked_by_sql';
    ELSIF NEW.sent IS NULL THEN
        -- The predecessor never sent such a row; neither do we.
        NEW.status := 'rejected';
        NEW.status_reason := 'legacy_null';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER messages_foreign_insert BEFORE INSERT ON messages
    FOR EACH ROW WHEN (NEW.status = 'queued'
                       AND (NEW.sent IS DISTINCT FROM FALSE OR NEW.created_at IS NULL))
    EXECUTE FUNCTION messages_foreign_insert();

CREATE FUNCTION messages_foreign_update() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER messages_foreign_update BEFORE UPDATE OF sent ON messages
    FOR EACH ROW WHEN (NEW.sent IS DISTINCT FROM OLD.sent
                       AND NEW.status IS NOT DISTINCT FROM OLD.status)
    EXECUTE FUNCTION messages_foreign_update();
