-- Two more: messages that have fallen due rejoin the queue at their place. Not
-- while more may be over than were taken out of it: those would be walked past,
-- each time again. Nor those that are over: a row changes once in a statement.
, fallen_due AS MATERIALIZED (
    SELECT id FROM messages
    WHERE (SELECT count(*) FROM too_late) < $2
        AND status = 'queued' AND not_before <= $1 AND (expires_at IS NULL OR expires_at > $1)
    ORDER BY not_before LIMIT $2 FOR UPDATE SKIP LOCKED
), promoted AS (
    UPDATE messages SET not_before = NULL
    WHERE id = ANY (ARRAY(SELECT id FROM fallen_due)) RETURNING id
)
SELECT ARRAY(SELECT id FROM expired ORDER BY id) AS expired,
    (SELECT count(*) FROM promoted) AS promoted
