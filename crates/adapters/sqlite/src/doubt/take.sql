-- The messages in doubt that are longest due.
SELECT id, uuid, key_epoch, attempt, tries_used, status_reason, probes,
    (SELECT min(started_at) FROM attempts a
     WHERE a.message_uuid = m.uuid AND a.key_epoch = m.key_epoch) AS key_used_since
FROM messages m
WHERE status = 'unconfirmed' AND next_probe_at <= ?1
ORDER BY next_probe_at, id LIMIT ?2
