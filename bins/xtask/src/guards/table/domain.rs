//! The rules that every store asks.

use crate::guards::guard::{Guard, Place};

pub(super) const GUARDS: &[Guard] = &[
    guard("enabled", CONTROL, "if «!self.enabled» {", "false").paired(),
    guard("breaker", CONTROL, "(HoldReason::BreakerOpen, «self.breaker.blocked_until(now)»),", "None"),
    guard("throttle", CONTROL, "(HoldReason::Throttled, «self.throttled_until»),", "None"),
    guard("busy", CONTROL, "(HoldReason::Busy, «busy»),", "None").paired(),
    guard(
        "quota",
        CONTROL,
        "if self.policy.has_quota() { «want.min(self.quota_left)» } else { want };",
        "want",
    )
    .paired(),
    guard(
        "tick",
        CONTROL,
        "if self.policy.has_quota() && «now >= self.next_tick_at» {",
        "true",
    )
    .paired(),
    guard(
        "push at the start",
        CONTROL,
        "            self.quota_left = self.quota_left.saturating_sub(count);\n        }\n        «self.push_tick(now);»",
        "",
    )
    .paired(),
    guard(
        "push at the end",
        CONTROL,
        "«self.push_tick(now);»\n        self.breaker.heard(",
        "",
    )
    .paired(),
    guard("lost send", CONTROL, "«self.count_the_lost_send(now);»", "").paired(),
    guard(
        "one at a time",
        CONTROL,
        "if «self.policy.is_strict() || self.breaker.is_open()» { max.min(1) }",
        "false",
    ),
    guard(
        "own end",
        CONTROL,
        "if self.busy.is_some_and(|busy| «busy.token == token») {\n            self.busy = None;",
        "true",
    )
    .paired(),
    guard(
        "wait for strict order",
        CONTROL,
        "self.busy = leased_until.filter(|until| «*until > now»)",
        "false",
    ),
    guard("quota of a new pace", CONTROL, "        «self.quota_left = 0;»\n        let last", ""),
    guard(
        "same pace",
        CONTROL,
        "if «(old.period, old.batch_size) == (policy.period, policy.batch_size)» {",
        "false",
    ),
    guard("clock of the tick", CONTROL, "&& «self.next_tick_at > now + self.policy.period * 2»", "false"),
    guard("clock of the send", CONTROL, "&& «busy.until > now + busy.lease * 2»", "false"),
    guard(
        "key window",
        "doubt/policy.rs",
        "if «is_over(doubt.key_used_since, usable, doubt)» {",
        "false",
    ),
    guard("tries", "doubt/policy.rs", "if «doubt.tries_used < self.retry.max_tries» {", "true"),
    guard(
        "policy of resends",
        "doubt/policy.rs",
        "if «self.delivery == DeliveryPolicy::AtLeastOnce» {",
        "true",
    ),
    guard(
        "receipt of that send",
        "doubt/evidence.rs",
        "any(|it| «it.attempt == attempt && it.token == token»)",
        "true",
    ),
    guard("operator in flight", "operator.rs", "if «status == Status::Sending» {", "false"),
    guard(
        "seen attempt",
        "operator.rs",
        "if «self.seen_attempt.is_some_and(|seen| seen != attempt)» {",
        "false",
    ),
    guard("force", "operator.rs", "if «row.maybe_sent() && !force» {", "false"),
];

const CONTROL: &str = "control.rs";

const fn guard(
    name: &'static str,
    file: &'static str,
    within: &'static str,
    instead: &'static str,
) -> Guard {
    Guard::new(Place::Domain, name, file, within, instead)
}
