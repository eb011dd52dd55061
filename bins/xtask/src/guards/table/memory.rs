//! The store in memory, which the simulation plays on: so each pair of these is played too.

use crate::guards::guard::{Guard, Place};

pub(super) const GUARDS: &[Guard] = &[
    // Of a completion and of a release.
    guard("status", TABLES, "«row.status == dispatcher_domain::Status::Sending»", "true").paired(),
    guard("uuid", TABLES, "&& «row.uuid == lease.uuid»", "true"),
    guard("token", TABLES, "&& «row.lease_token == Some(lease.token)»", "true").paired(),
    guard("attempt", TABLES, "&& «row.attempt == lease.attempt»", "true").paired(),
    guard("attempt on record", TABLES, "&& «attempt.attempt == lease.attempt»", "true"),
    guard("token on record", TABLES, "&& «attempt.lease_token == lease.token»", "true"),
    // Of what comes after the lease.
    guard("late proof", COMPLETION, "row.filter(|_| «on_record»)", "true").paired(),
    guard("accepted once", COMPLETION, "if «!row.status.is_accepted()» =>", "true"),
    guard("status of a late refusal", COMPLETION, "if «row.status == Status::Unconfirmed»", "true"),
    guard("attempt of a late refusal", COMPLETION, "&& «row.attempt == lease.attempt»", "true"),
    guard(
        "token of a late refusal",
        COMPLETION,
        "&& «row.lease_token == Some(lease.token)» =>",
        "true",
    )
    .masked_by("an attempt on record has its token"),
    guard("told once", COMPLETION, "if «!told» && lease", "true"),
    // Of a whole claim that is given back.
    guard("status of a claim", COMPLETION, "if «row.status == Status::Sending» && row", "true")
        .paired(),
    guard("token of a claim", COMPLETION, "Sending && «row.lease_token == Some(token)» {", "true")
        .paired(),
    guard(
        "claim that never was",
        COMPLETION,
        "if «!freed.is_empty() || tables.control.awaits(token)» {",
        "true",
    ),
    // Of the rescue.
    guard(
        "lease",
        COMPLETION,
        "«row.lease_until».is_some_and(|until| until + grace < now)",
        "row.lease_until.map(|_| Timestamp::UNIX_EPOCH)",
    )
    .paired(),
    guard("grace", COMPLETION, "is_some_and(|until| until + «grace» < now)", "Duration::ZERO")
        .paired(),
    guard(
        "clock of the lease",
        COMPLETION,
        "if «until.duration_since(now) > length * 2» {",
        "false",
    ),
    guard("count before a resend", COMPLETION, "«row.unknown_outcomes += 1;»", "").paired(),
    guard("count of tries", COMPLETION, "«row.tries_used += 1;»", ""),
    // Of a START.
    guard(
        "status of a start",
        "row.rs",
        "«self.status == Status::Queued» && self.not_before.is_none_or(",
        "true",
    )
    .paired(),
    guard("due", "row.rs", "&& «self.not_before.is_none_or(|from| from <= now)»", "true"),
    guard("attempt counts up", "claim.rs", "«row.attempt += 1;»", "").paired(),
    guard(
        "lane",
        "claim.rs",
        "ordering == Ordering::Recipient && «taken.contains(&row.recipient())»",
        "false",
    )
    .paired(),
    guard("as many as admitted", "claim.rs", "if «picked.good.len() >= max as usize» {", "false"),
    guard(
        "end of a key",
        "claim.rs",
        "if «row.resend_until.is_some_and(|until| until <= now)» {",
        "false",
    ),
    guard("expiry", "claim.rs", "let expired = «expire(tables, u32::MAX, now)»;", "Vec::new()"),
    guard(
        "status of an expiry",
        "row.rs",
        "«self.status == Status::Queued» && self.expires_at",
        "true",
    ),
    // Of a settlement.
    guard("status in doubt", DOUBT, ".filter(|row| «row.status == Status::Unconfirmed»)", "true"),
    guard(
        "next look",
        DOUBT,
        "|row| «row.next_probe_at <= now || row.next_probe_at > now + backoff.cap * 2»",
        "true",
    ),
    guard("uuid of a settlement", DOUBT, "«row.uuid == doubt.uuid»", "true"),
    guard("status of a settlement", DOUBT, "&& «row.status == Status::Unconfirmed»", "true"),
    guard("attempt of a settlement", DOUBT, "&& «row.attempt == doubt.attempt»", "true"),
    guard("key of a settlement", DOUBT, "&& «row.key_epoch == doubt.key_epoch»", "true"),
    guard("receipt on record", DOUBT, "filter(|_| «!matches!(receipt, Some(None))»)", "true"),
];

const TABLES: &str = "tables.rs";
const COMPLETION: &str = "completion.rs";
const DOUBT: &str = "doubt.rs";

const fn guard(
    name: &'static str,
    file: &'static str,
    within: &'static str,
    instead: &'static str,
) -> Guard {
    Guard::new(Place::Memory, name, file, within, instead)
}
