//! The SQL of PostgreSQL.

use crate::guards::guard::{Guard, Place};

pub(super) const GUARDS: &[Guard] = &[
    // Of a completion.
    guard("status", COMPLETION, "AND attempt = $4 «AND status = 'sending'»", ""),
    guard("uuid", COMPLETION, "WHERE id = $1 «AND uuid = $2» AND", ""),
    guard("token", COMPLETION, "«AND lease_token = $3» AND attempt = $4", ""),
    guard("attempt", COMPLETION, "AND lease_token = $3 «AND attempt = $4»", ""),
    // Of what comes after the lease.
    guard(
        "late proof",
        COMPLETION,
        "      «AND EXISTS (SELECT 1 FROM attempts \\\n          WHERE message_uuid = $1 AND attempt = $2 AND lease_token = $3)»",
        "",
    ),
    guard(
        "attempt on record",
        COMPLETION,
        "message_uuid = $1 «AND attempt = $2» AND lease_token = $3)\"",
        "",
    ),
    guard(
        "token on record",
        COMPLETION,
        "message_uuid = $1 AND attempt = $2 «AND lease_token = $3»)\"",
        "",
    ),
    guard(
        "accepted once",
        COMPLETION,
        "WHERE uuid = $1 «AND status NOT IN ('sent', 'delivered', 'undelivered')» ",
        "",
    ),
    guard(
        "status of a late refusal",
        COMPLETION,
        "AND lease_token = $3 «AND status = 'unconfirmed'»",
        "",
    ),
    guard("attempt of a late refusal", COMPLETION, "WHERE uuid = $1 «AND attempt = $2»", ""),
    guard(
        "token of a late refusal",
        COMPLETION,
        "WHERE uuid = $1 AND attempt = $2 «AND lease_token = $3»",
        "",
    ),
    guard("told once", COMPLETION, "if «!is_on_record(tx, lease, completion).await?» {", "true"),
    guard("count before a resend", COMPLETION, "unknown_outcomes = unknown_outcomes «+ $10»", ""),
    guard("count of tries", COMPLETION, "tries_used = tries_used «+ $10»", ""),
    // Of what is given back.
    guard("status of a release", RELEASE, "AND attempt = $4 «AND status = 'sending'»", ""),
    guard("uuid of a release", RELEASE, "WHERE id = $2 «AND uuid = $3»", ""),
    guard("token of a release", RELEASE, "AND uuid = $3 «AND lease_token = $1»", ""),
    guard("attempt of a release", RELEASE, "AND lease_token = $1 «AND attempt = $4»", ""),
    guard("status of a claim", RELEASE, "WHERE lease_token = $1 «AND status = 'sending'»", ""),
    guard("token of a claim", RELEASE, "WHERE «lease_token = $1» AND status", "TRUE"),
    guard("claim that never was", RELEASE, "if «freed > 0 || state.awaits(token)» {", "true"),
    // Of the rescue.
    guard(
        "status of a rescue",
        RESCUE,
        "WHERE «status = 'sending'» AND lease_until < dispatch_now() - $1",
        "TRUE",
    )
    .masked_by("`lease_until` is NULL on all others"),
    guard("status of a rescue, said twice", RESCUE, "FROM expired)) «AND status = 'sending'»", "")
        .masked_by("the rows are locked since they were picked"),
    guard(
        "lease",
        RESCUE,
        "AND «lease_until < dispatch_now() - $1 * interval '1 millisecond'»",
        "TRUE",
    ),
    guard("grace", RESCUE, "lease_until < dispatch_now() «- $1 * interval '1 millisecond'»", ""),
    guard("clock of the lease", RESCUE, "«tx.execute(MEND_LEASES, &[]).await?;»", ""),
    guard(
        "count of a rescue before a resend",
        RESCUE,
        "unknown_outcomes = unknown_outcomes «+ 1»",
        "",
    ),
    // Of a START.
    guard("status of a start", HEAD, "WHERE «status = 'queued'» AND", "TRUE"),
    guard("status of a start, said twice", "claim/start.sql", "AND «m.status = 'queued'»", "TRUE")
        .masked_by("the rows are locked since they were picked"),
    guard("due", HEAD, "«AND not_before IS NULL»", ""),
    guard("attempt counts up", "claim/start.sql", "attempt = attempt «+ 1»", ""),
    guard("status of a lane's head", LANES, "messages\n    WHERE «status = 'queued'» AND", "TRUE"),
    guard("one of each lane", LANES, "SELECT «DISTINCT ON (lane)» id", ""),
    guard(
        "lane in flight",
        LANES,
        "«WHERE NOT EXISTS (SELECT 1 FROM messages s\n        WHERE s.status = 'sending' AND s.lane = heads.lane)»",
        "",
    ),
    guard("lane", "claim/start.sql", "lane_exclusive = «$5»", "$5 AND FALSE")
        .judged_by("it", "concurrency"),
    guard(
        "end of a key",
        TAKE,
        "if «is_over(\"resend_until\")» {",
        "is_over(\"resend_until\") && false",
    ),
    guard("expiry", "claim/times.rs", "(&«Some(now)» as _", "Some(Timestamp::MIN)"),
    guard(
        "expiry of what was locked",
        TAKE,
        "if «is_over(\"expires_at\")» {",
        "is_over(\"expires_at\") && false",
    )
    .judged_by("it", "concurrency"),
    guard("status of an expiry", "expired.sql", "WHERE «status = 'queued'» AND expires_at", "TRUE"),
    guard(
        "status of an expiry, both times",
        "expired.sql",
        "WHERE «status = 'queued' AND expires_at <= coalesce($1, (SELECT dispatch_now()))
    ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), expired AS (
    UPDATE messages SET status = 'expired', sent = NULL, status_reason = $3,
        not_before = NULL, resend_until = NULL
    WHERE id = ANY (ARRAY(SELECT id FROM too_late)) AND status = 'queued'»",
        "expires_at <= coalesce($1, (SELECT dispatch_now()))
    ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), expired AS (
    UPDATE messages SET status = 'expired', sent = NULL, status_reason = $3,
        not_before = NULL, resend_until = NULL
    WHERE id = ANY (ARRAY(SELECT id FROM too_late))",
    ),
    guard("stop without a quota", "claim/mod.rs", "if «!state.enabled» {", "false"),
    guard("pace without a quota", "claim/mod.rs", "if «state.is_paced(now)» {", "false"),
    guard(
        "gate of a START",
        "claim/mod.rs",
        "«tx.execute(\"SELECT pg_advisory_xact_lock_shared($1)\", &[(&GATE, Type::INT8)]).await?;»",
        "let _ = (GATE, Type::INT8);",
    )
    .judged_by("it", "concurrency"),
    guard("lock of the control row", "control_row.rs", "FROM dispatch_control «FOR UPDATE»)", "")
        .judged_by("it", "concurrency"),
    guard("lock of a row", HEAD, "LIMIT $1 «FOR UPDATE SKIP LOCKED»", "")
        .judged_by("it", "concurrency"),
    // Of a settlement.
    guard(
        "status in doubt",
        "doubt/take.sql",
        "WHERE «status = 'unconfirmed'» AND next_probe_at <=",
        "TRUE",
    ),
    guard(
        "status in doubt, both times",
        "doubt/take.sql",
        "WHERE «status = 'unconfirmed' AND next_probe_at <= (SELECT dispatch_now())
    ORDER BY next_probe_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE messages SET probes = least(probes, 30) + 1, next_probe_at = dispatch_now()
        + least($3, $2 * 2 ^ least(probes, 30)) * interval '1 millisecond'
    WHERE id = ANY (ARRAY(SELECT id FROM due)) AND status = 'unconfirmed'»",
        "TRUE AND next_probe_at <= (SELECT dispatch_now())
    ORDER BY next_probe_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE messages SET probes = least(probes, 30) + 1, next_probe_at = dispatch_now()
        + least($3, $2 * 2 ^ least(probes, 30)) * interval '1 millisecond'
    WHERE id = ANY (ARRAY(SELECT id FROM due))",
    ),
    guard("next look", "doubt/take.sql", "AND «next_probe_at <= (SELECT dispatch_now())»", "TRUE"),
    guard("uuid of a settlement", SETTLE, "WHERE id = $1 «AND uuid = $2»", ""),
    guard("status of a settlement", SETTLE, "AND key_epoch = $4 «AND status = 'unconfirmed'»", ""),
    guard("attempt of a settlement", SETTLE, "AND uuid = $2 «AND attempt = $3»", ""),
    guard("key of a settlement", SETTLE, "AND attempt = $3 «AND key_epoch = $4»", ""),
    guard("receipt on record", SETTLE, "($11::integer IS NULL OR «»EXISTS (SELECT 1", "TRUE OR "),
];

const COMPLETION: &str = "completion.rs";
const RELEASE: &str = "release.rs";
const RESCUE: &str = "rescue.rs";
const HEAD: &str = "claim/head_of_queue.sql";
const LANES: &str = "claim/heads_of_lanes.sql";
const TAKE: &str = "claim/take.rs";
const SETTLE: &str = "doubt/settle.rs";

const fn guard(
    name: &'static str,
    file: &'static str,
    within: &'static str,
    instead: &'static str,
) -> Guard {
    Guard::new(Place::Postgres, name, file, within, instead)
}
