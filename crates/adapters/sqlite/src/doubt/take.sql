-- The messages in doubt that are longest due.
SELECT id, uuid, key_epoch, attempt, tries_used, status_reason, probes,
    -- The provider has not seen the key of a send that never left. If none left,
    -- as an owner may tell that comes back after its lease, the first of them.
    (SELECT coalesce(
         min(started_at) FILTER (WHERE NOT coalesce(
             a.outcome = 'released' OR a.outcome = 'not_sent' AND a.http_status IS NULL, FALSE)),
         min(started_at)) FROM attempts a
     WHERE a.message_uuid = m.uuid AND a.key_epoch = m.key_epoch) AS key_used_since
FROM messages m
WHERE status = 'unconfirmed' AND next_probe_at <= ?1
ORDER BY next_probe_at, id LIMIT ?2
