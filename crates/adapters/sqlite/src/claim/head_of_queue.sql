-- The head of the queue, in order, through a window that keeps a START short.
-- Texts so long that none is valid are left on the disk: one huge row must not
-- hold up all that come after it. (Cutting one would also cut it at its first
-- NUL, and make a valid text of it.)
SELECT id, resend_until,
       CASE WHEN octet_length(phone_number) <= 80 THEN phone_number END AS phone_number,
       CASE WHEN octet_length(content) <= 40000 THEN content END AS content
FROM messages
WHERE status = 'queued' AND not_before IS NULL
ORDER BY priority DESC, created_at, id LIMIT 5000
