-- The messages in doubt that are longest due, put off until their next look.
-- The time stands in a subquery: asked for once, it can be looked up in the
-- index. A materialized pick, or a LIMIT may update more than it says.
WITH due AS MATERIALIZED (
    SELECT id, next_probe_at FROM messages
    WHERE status = 'unconfirmed' AND next_probe_at <= (SELECT dispatch_now())
    ORDER BY next_probe_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE messages SET probes = least(probes, 30) + 1, next_probe_at = dispatch_now()
        + least($3, $2 * 2 ^ least(probes, 30)) * interval '1 millisecond'
    WHERE id = ANY (ARRAY(SELECT id FROM due)) AND status = 'unconfirmed'
    RETURNING id, uuid, key_epoch, attempt, tries_used, status_reason
)
SELECT t.*, dispatch_now() AS now,
    -- The provider has not seen the key of a send that never left. If none left,
    -- as an owner may tell that comes back after its lease, the first of them.
    (SELECT coalesce(
         min(started_at) FILTER (WHERE NOT coalesce(
             a.outcome = 'released' OR a.outcome = 'not_sent' AND a.http_status IS NULL, FALSE)),
         min(started_at)) FROM attempts a
     WHERE a.message_uuid = t.uuid AND a.key_epoch = t.key_epoch) AS key_used_since
FROM taken t JOIN due d ON d.id = t.id ORDER BY d.next_probe_at, t.id
