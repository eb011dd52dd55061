-- The head of the queue, in order.
SELECT id, phone_number, content FROM messages
WHERE status = 'queued' AND not_before IS NULL
ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
