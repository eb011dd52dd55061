-- The head of the queue, in order. No text is valid that is longer than what is
-- read of it here: one huge row must not hold up all that come after it.
SELECT id, phone_number, left(content, 10001) AS content, resend_until, expires_at
FROM messages
WHERE status = 'queued' AND not_before IS NULL
ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
