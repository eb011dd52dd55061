//! The SQL of SQLite. A parameter that is bound must be named somewhere: hence the conditions that are
//! always true.

use crate::guards::guard::{Guard, Place};

pub(super) const GUARDS: &[Guard] = &[
    // Of a completion.
    guard("status", COMPLETION, "AND attempt = :attempt \\\n      «AND status = 'sending'»", ""),
    guard("uuid", COMPLETION, "WHERE id = :id AND «uuid = :uuid» AND", ":uuid <> ''"),
    guard("token", COMPLETION, "AND «lease_token = :token» AND attempt", ":token <> ''"),
    guard(
        "attempt",
        COMPLETION,
        "AND lease_token = :token AND «attempt = :attempt»",
        ":attempt IS NOT NULL",
    ),
    // Of what comes after the lease.
    guard(
        "late proof",
        COMPLETION,
        "      «AND EXISTS (SELECT 1 FROM attempts \\\n          WHERE message_uuid = ?1 AND attempt = ?2 AND lease_token = ?3)»",
        "",
    ),
    guard(
        "attempt on record",
        COMPLETION,
        "message_uuid = ?1 «AND attempt = ?2» AND lease_token = ?3)",
        "",
    ),
    guard(
        "token on record",
        COMPLETION,
        "message_uuid = ?1 AND attempt = ?2 «AND lease_token = ?3»)",
        "",
    ),
    guard(
        "accepted once",
        COMPLETION,
        "WHERE uuid = ?1 «AND status NOT IN ('sent', 'delivered', 'undelivered')» ",
        "",
    ),
    guard(
        "status of a late refusal",
        COMPLETION,
        "AND lease_token = ?3 «AND status = 'unconfirmed'»",
        "",
    ),
    guard("attempt of a late refusal", COMPLETION, "WHERE uuid = ?1 «AND attempt = ?2»", ""),
    guard(
        "token of a late refusal",
        COMPLETION,
        "WHERE uuid = ?1 AND attempt = ?2 «AND lease_token = ?3»",
        "",
    ),
    guard("told once", COMPLETION, "if «!is_on_record(tx, lease, completion)?» {", "true"),
    guard(
        "count before a resend",
        COMPLETION,
        "unknown_outcomes = unknown_outcomes + «:unknown»",
        "0",
    ),
    guard("count of tries", COMPLETION, "tries_used = tries_used + «:unknown»", "0"),
    // Of what is given back.
    guard("status of a release", RELEASE, "AND attempt = ?4 «AND status = 'sending'»", ""),
    guard("uuid of a release", RELEASE, "WHERE id = ?1 «AND uuid = ?2»", ""),
    guard("token of a release", RELEASE, "AND uuid = ?2 «AND lease_token = ?3»", ""),
    guard(
        "attempt of a release",
        RELEASE,
        "AND lease_token = ?3 AND «attempt = ?4»",
        "?4 IS NOT NULL",
    ),
    guard("status of a claim", RELEASE, "WHERE lease_token = ?1 «AND status = 'sending'»", ""),
    guard("token of a claim", RELEASE, "WHERE «lease_token = ?1» AND", "?1 = ?1"),
    guard(
        "claim that never was",
        RELEASE,
        "if «!freed.is_empty() || state.awaits(token)» {",
        "true",
    ),
    // Of the rescue.
    guard(
        "status of a rescue",
        RESCUE,
        "WHERE «status = 'sending'» AND lease_until < ?1 - ?2",
        "TRUE",
    )
    .masked_by("`lease_until` is NULL on all others"),
    guard("lease", RESCUE, "«lease_until < ?1 - ?2»", "?1 <> ?2"),
    guard("grace", RESCUE, "lease_until < ?1 «- ?2»", "- 0 * ?2"),
    guard("clock of the lease", RESCUE, "«tx.execute(MEND_LEASES, [Micros(tx.now)])?;»", ""),
    guard(
        "count of a rescue before a resend",
        RESCUE,
        "unknown_outcomes = unknown_outcomes «+ 1»",
        "",
    ),
    // Of a START.
    guard("status of a start", HEAD, "WHERE «status = 'queued'» AND", "TRUE"),
    guard("due", HEAD, "«AND not_before IS NULL»", ""),
    guard("attempt counts up", "claim/start.rs", "attempt = attempt «+ 1»", ""),
    guard(
        "lane",
        TAKE,
        "if «one_each && !in_flight.insert(message.phone_number.recipient_key())» => {}",
        "one_each && in_flight.contains(\"\")",
    ),
    guard("lane in flight", TAKE, "if one_each { «lanes_in_flight(tx)?» } else", "HashSet::new()"),
    guard("as many as admitted", TAKE, "= «picked.good.len() >= max as usize»;", "max == 0"),
    guard(
        "end of a key",
        "claim/row.rs",
        "if «time(row, \"resend_until\")?.is_some_and(|until| until <= now)» {",
        "time(row, \"resend_until\")?.is_some_and(|_| now == Timestamp::MIN)",
    ),
    guard("expiry", TAKE, "let expired = «expire(tx, AT_ONCE)?»;", "expire(tx, 0)?"),
    guard("status of an expiry", "expire.sql", "WHERE «status = 'queued'» AND", "TRUE"),
    guard("time of an expiry", "expire.sql", "AND «expires_at <= ?1»", "expires_at + 0 * ?1 > 0"),
    // Of a settlement.
    guard("status in doubt", "doubt/take.sql", "WHERE «status = 'unconfirmed'» AND", "TRUE"),
    guard("next look", "doubt/take.sql", "AND «next_probe_at <= ?1»", "?1 > 0"),
    guard("uuid of a settlement", SETTLE, "WHERE id = :id AND «uuid = :uuid»", ":uuid <> ''"),
    guard("status of a settlement", SETTLE, "      «AND status = 'unconfirmed'» ", ""),
    guard(
        "attempt of a settlement",
        SETTLE,
        "AND uuid = :uuid AND «attempt = :attempt» ",
        ":attempt IS NOT NULL",
    ),
    guard("key of a settlement", SETTLE, "AND «key_epoch = :key_epoch» ", ":key_epoch IS NOT NULL"),
    guard(
        "receipt on record",
        SETTLE,
        "(:receipt_attempt IS NULL OR «»EXISTS (SELECT 1",
        "TRUE OR ",
    ),
];

const COMPLETION: &str = "completion.rs";
const RELEASE: &str = "release.rs";
const RESCUE: &str = "rescue.rs";
const HEAD: &str = "claim/head_of_queue.sql";
const TAKE: &str = "claim/take.rs";
const SETTLE: &str = "doubt/settle.rs";

const fn guard(
    name: &'static str,
    file: &'static str,
    within: &'static str,
    instead: &'static str,
) -> Guard {
    Guard::new(Place::Sqlite, name, file, within, instead)
}
