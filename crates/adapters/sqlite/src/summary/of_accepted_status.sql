SELECT * FROM messages
WHERE sent = 1 AND status = ?2 AND (created_at, id) > (?3, ?4)
ORDER BY created_at, id LIMIT ?1
