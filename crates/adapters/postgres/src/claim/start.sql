-- The picked rows ($1) become `sending`, each with what follows from its texts
-- ($7 to $9, in the order of $1), and their attempts are written.
WITH started AS (
    UPDATE messages m SET status = 'sending', sent = NULL, status_reason = NULL,
        attempt = attempt + 1, started_at = $3, lease_token = $2,
        lease_until = $3 + $4 * interval '1 millisecond', lane_exclusive = $5,
        next_probe_at = 'epoch', probes = 0,
        encoding = derived.encoding, segments = derived.segments,
        phone_e164 = derived.phone_e164
    FROM unnest($1::bigint[], $7::text[], $8::integer[], $9::text[])
        AS derived (id, encoding, segments, phone_e164)
    -- Said twice, so that the rows are found by their ids whatever the plan.
    WHERE m.id = ANY ($1) AND m.id = derived.id AND m.status = 'queued'
    RETURNING m.id, uuid, key_epoch, attempt
), noted AS (
    INSERT INTO attempts (message_uuid, attempt, message_id, key_epoch, lease_token,
        instance, started_at)
    SELECT uuid, attempt, id, key_epoch, $2, $6, $3 FROM started
)
SELECT id, uuid, key_epoch, attempt FROM started
