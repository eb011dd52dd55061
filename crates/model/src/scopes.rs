//! What is visited.

use crate::scope::Scope;
use dispatcher_domain::{DeliveryPolicy, Ordering};

const AT_LEAST_ONCE: Scope = Scope { delivery: DeliveryPolicy::AtLeastOnce, ..Scope::STRICT };
const IDEMPOTENT: Scope = Scope { idempotent: true, ..Scope::STRICT };

/// Those of every test run.
pub const SMALL: &[Scope] = &[
    Scope { name: "amo 2x2", stops: true, ..Scope::STRICT },
    Scope { name: "amo 2x1", stops: true, attempts: 1, ..Scope::STRICT },
    Scope { name: "amo 2x1 b1", stops: true, attempts: 1, batch: 1, ..Scope::STRICT },
    Scope { name: "amo 2x2 b1", batch: 1, ..Scope::STRICT },
    Scope { name: "alo 2x1", attempts: 1, ..AT_LEAST_ONCE },
    Scope { name: "alo 1x3", attempts: 3, messages: 1, ..AT_LEAST_ONCE },
    Scope { name: "alo 1x2 rcpt", attempts: 2, messages: 1, receipts: true, ..AT_LEAST_ONCE },
    Scope { name: "ide 1x3", messages: 1, attempts: 3, ..IDEMPOTENT },
    Scope { name: "ide 1x2", messages: 1, attempts: 2, ..IDEMPOTENT },
    Scope { name: "ide 2x1", messages: 2, attempts: 1, ..IDEMPOTENT },
    Scope { name: "lost 1x2", lost_commits: true, messages: 1, ..Scope::STRICT },
    Scope { name: "lost 1x3", lost_commits: true, messages: 1, attempts: 3, ..Scope::STRICT },
    Scope { name: "calm 1x2", calm: true, messages: 1, stops: true, receipts: true, ..AT_LEAST_ONCE },
    Scope { name: "calm lost 1x2", calm: true, messages: 1, lost_commits: true, ..AT_LEAST_ONCE },
    Scope { name: "oper alo 1x2", decisions: 2, messages: 1, ..AT_LEAST_ONCE },
    Scope { name: "oper amo 1x2", decisions: 2, messages: 1, ..Scope::STRICT },
    Scope { name: "oper ide 1x2", decisions: 2, messages: 1, ..IDEMPOTENT },
    Scope { name: "lane 2x1", ordering: Ordering::Recipient, same_recipient: 2, attempts: 1, ..Scope::FREE },
    Scope { name: "lane 2x2", ordering: Ordering::Recipient, same_recipient: 2, ..Scope::FREE },
    Scope { name: "lane 3x1", ordering: Ordering::Recipient, same_recipient: 2, messages: 3, attempts: 1, ..Scope::FREE },
    Scope { name: "gate 2x1", stops: true, attempts: 1, ..Scope::FREE },
    Scope { name: "gate 1x2", stops: true, messages: 1, ..Scope::FREE },
    Scope { name: "gate lost 1x1", stops: true, messages: 1, attempts: 1, lost_commits: true, ..Scope::FREE },
    Scope { name: "late alo 1x2", late_posts: true, messages: 1, ..AT_LEAST_ONCE },
    Scope { name: "late amo 2x1", late_posts: true, attempts: 1, ..Scope::STRICT },
    Scope { name: "late ide 1x2", late_posts: true, messages: 1, ..IDEMPOTENT },
];

/// Those in which seeded bugs are looked for.
pub const SEEDED: &[Scope] = SMALL;
