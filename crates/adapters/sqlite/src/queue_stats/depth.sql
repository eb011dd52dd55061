-- Each count ends at its limit; each is over a part of the table that has an
-- index of its own, which stands in the query word for word.
WITH RECURSIVE
-- From one priority of the queue to the next: its index begins with it.
priorities (priority) AS (
    SELECT (SELECT priority FROM messages
            WHERE status = 'queued' AND not_before IS NULL
            ORDER BY priority DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT priority FROM messages
            WHERE status = 'queued' AND not_before IS NULL AND priority < p.priority
            ORDER BY priority DESC LIMIT 1)
    FROM priorities p WHERE p.priority IS NOT NULL
),
-- The oldest message of each, and of those that have fallen due.
due_since (since) AS (
    SELECT (SELECT created_at FROM messages
            WHERE status = 'queued' AND not_before IS NULL AND priority = p.priority
            ORDER BY created_at LIMIT 1)
    FROM priorities p
    UNION ALL
    SELECT (SELECT not_before FROM messages
            WHERE status = 'queued' AND not_before <= ?2
            ORDER BY not_before LIMIT 1)
)
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'queued' AND not_before IS NULL LIMIT ?1)) AS ready,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'queued' AND not_before IS NOT NULL LIMIT ?1)) AS scheduled,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'queued' AND not_before <= ?2 LIMIT ?1)) AS fallen_due,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'sending' LIMIT ?1)) AS sending,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'unconfirmed' LIMIT ?1)) AS unconfirmed,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'failed' AND status NOT IN ('sent', 'delivered', 'undelivered')
        LIMIT ?1)) AS failed,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'expired' AND status NOT IN ('sent', 'delivered', 'undelivered')
        LIMIT ?1)) AS expired,
    (SELECT count(*) FROM (SELECT 1 FROM messages
        WHERE status = 'rejected' AND status NOT IN ('sent', 'delivered', 'undelivered')
        LIMIT ?1)) AS rejected,
    (SELECT min(since) FROM due_since) AS due_since,
    -- The ids between the first and the last that was sent.
    (SELECT id FROM messages WHERE sent = 1 ORDER BY created_at, id LIMIT 1) AS first_sent,
    (SELECT id FROM messages WHERE sent = 1 ORDER BY created_at DESC, id DESC LIMIT 1) AS last_sent
