-- The first message of each recipient that has none in flight.
SELECT id, phone_number, content FROM messages m
WHERE status = 'queued' AND not_before IS NULL
  AND NOT EXISTS (SELECT 1 FROM messages s
      WHERE s.status = 'sending' AND s.lane = m.lane)
  AND NOT EXISTS (SELECT 1 FROM messages e
      WHERE e.status = 'queued' AND e.not_before IS NULL AND e.lane = m.lane
        AND (e.priority > m.priority OR (e.priority = m.priority
             AND (e.created_at, e.id) < (m.created_at, m.id))))
ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
