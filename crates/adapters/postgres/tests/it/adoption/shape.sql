WITH ours AS (
    SELECT c.* FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'dispatcher_schema_history%')
SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, reloptions::text, relhasrules,
                 relrowsecurity, relreplident) FROM ours
UNION ALL
SELECT concat_ws(' ', 'column', relname, attnum, attname, format_type(atttypid, atttypmod),
                 attnotnull, attidentity, attgenerated, attcollation::regcollation, attstorage,
                 pg_get_expr(adbin, adrelid))
    FROM ours JOIN pg_attribute a ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum WHERE relkind IN ('r', 'v', 'm')
UNION ALL
SELECT concat_ws(' ', 'index', indexrelid::regclass, indisunique, indisprimary, indisvalid,
                 pg_get_indexdef(indexrelid))
    FROM pg_index JOIN ours ON ours.oid = indrelid
UNION ALL
SELECT concat_ws(' ', 'constraint', relname, conname, convalidated, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN ours ON ours.oid = conrelid
UNION ALL
SELECT concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(t.oid))
    FROM pg_trigger t JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'function', pg_get_functiondef(oid))
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT concat_ws(' ', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement,
                 seqmin, seqmax, seqcache, seqcycle,
                 pg_get_serial_sequence('messages', 'id')::regclass = seqrelid)
    FROM pg_sequence JOIN ours ON ours.oid = seqrelid
ORDER BY 1
