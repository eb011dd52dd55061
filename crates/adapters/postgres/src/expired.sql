-- Two parts of a WITH: messages that are over at $1 (NULL: now) become `expired`,
-- at most $2 of them. The doubt about an earlier send stays in its count. The
-- time stands in a subquery: asked for once, it can be looked up in the index.
too_late AS MATERIALIZED (
    SELECT id FROM messages
    WHERE status = 'queued' AND expires_at <= coalesce($1, (SELECT dispatch_now()))
    ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), expired AS (
    UPDATE messages SET status = 'expired', sent = NULL, status_reason = $3,
        not_before = NULL, resend_until = NULL
    WHERE id = ANY (ARRAY(SELECT id FROM too_late)) AND status = 'queued'
    RETURNING id
)
