WITH RECURSIVE clock AS MATERIALIZED (SELECT dispatch_now() AS now),
-- The oldest due message of each priority, from one priority to the next: the
-- index of the queue begins with the priority.
heads AS (
    (SELECT priority, created_at FROM messages
     WHERE status = 'queued' AND not_before IS NULL
     ORDER BY priority DESC, created_at, id LIMIT 1)
    UNION ALL
    SELECT next.priority, next.created_at FROM heads, LATERAL (
        SELECT priority, created_at FROM messages
        WHERE status = 'queued' AND not_before IS NULL AND priority < heads.priority
        ORDER BY priority DESC, created_at, id LIMIT 1) next
),
due_since AS (
    SELECT min(created_at) AS since FROM heads
    UNION ALL
    SELECT min(not_before) FROM messages
    WHERE status = 'queued' AND not_before IS NOT NULL AND not_before <= (SELECT now FROM clock)
)
SELECT
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'queued' AND not_before IS NULL LIMIT $1) x) AS ready,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'queued' AND not_before IS NOT NULL LIMIT $1) x) AS scheduled,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'queued' AND not_before IS NOT NULL
            AND not_before <= (SELECT now FROM clock) LIMIT $1) x) AS fallen_due,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'sending' LIMIT $1) x) AS sending,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'unconfirmed' LIMIT $1) x) AS unconfirmed,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'failed' LIMIT $1) x) AS failed,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'expired' LIMIT $1) x) AS expired,
    (SELECT count(*) FROM (SELECT FROM messages
        WHERE status = 'rejected' LIMIT $1) x) AS rejected,
    -- What vacuum and analyze last saw; below zero: nothing yet.
    (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('messages_due'))
        AS ready_estimate,
    (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('messages_scheduled'))
        AS scheduled_estimate,
    (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('messages_sent_in_order'))
        AS sent_estimate,
    (SELECT extract(epoch FROM (SELECT now FROM clock) - min(since))::float8 FROM due_since)
        AS oldest_due
