UPDATE messages SET status = 'expired', sent = NULL, status_reason = ?3,
    not_before = NULL, resend_until = NULL
WHERE id IN (
    SELECT id FROM messages WHERE status = 'queued' AND expires_at <= ?1
    ORDER BY expires_at, id LIMIT ?2)
RETURNING id
