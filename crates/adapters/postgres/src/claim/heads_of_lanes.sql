-- The first message of each recipient that has none in flight, seen through a
-- window on the queue: without it one recipient with 100,000 messages made each
-- claim quadratic. A recipient behind the window waits until it comes closer.
-- More heads than wanted are looked at, because others may be locked by a START
-- at this moment.
WITH near AS MATERIALIZED (
    SELECT id, lane, priority, created_at FROM messages
    WHERE status = 'queued' AND not_before IS NULL
    ORDER BY priority DESC, created_at, id LIMIT 5000
), heads AS MATERIALIZED (
    SELECT DISTINCT ON (lane) id, lane, priority, created_at FROM near
    ORDER BY lane, priority DESC, created_at, id
), free AS MATERIALIZED (
    SELECT id FROM heads
    WHERE NOT EXISTS (SELECT 1 FROM messages s
        WHERE s.status = 'sending' AND s.lane = heads.lane)
    ORDER BY priority DESC, created_at, id LIMIT $1 * 4 + 64
)
-- No text is valid that is longer than what is read of it here.
SELECT id, phone_number, left(content, 10001) AS content, resend_until, expires_at
FROM messages
WHERE id = ANY (ARRAY(SELECT id FROM free)) AND status = 'queued' AND not_before IS NULL
ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
