SELECT * FROM messages
WHERE status = ?2 AND status NOT IN ('sent', 'delivered', 'undelivered')
    AND (created_at, id) > (?3, ?4)
ORDER BY created_at, id LIMIT ?1
