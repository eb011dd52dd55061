//! What is visited: each scope is small in most respects, to be large in one.

use crate::scope::Scope;
use dispatcher_domain::{DeliveryPolicy, Ordering};

/// One message in strict order.
const ONE: Scope = Scope { messages: 1, ..Scope::STRICT };
/// Two messages with one attempt each.
const TWO: Scope = Scope { attempts: 1, ..Scope::STRICT };
const AT_LEAST_ONCE: Scope = Scope { delivery: DeliveryPolicy::AtLeastOnce, ..ONE };
const IDEMPOTENT: Scope = Scope { idempotent: true, ..ONE };
const LANES: Scope = Scope { ordering: Ordering::Recipient, same_recipient: 2, ..Scope::FREE };

macro_rules! scopes {
    ($list:ident: $doc:literal $(, $name:ident = $words:literal, $scope:expr)+ $(,)?) => {
        $(pub(crate) const $name: Scope = Scope { name: $words, ..$scope };)+
        #[doc = $doc]
        pub const $list: &[Scope] = &[$($name),+];
    };
}

scopes! {
    QUICK: "Those of every test run.",
    STOPS = "two messages, stopped and started", Scope { stops: true, ..TWO },
    SINGLE_FILE = "batches of one", Scope { batch: 1, ..STOPS },
    NO_QUOTA = "strict order without quota", Scope { period: 0, ..STOPS },
    REPEATS = "at least once, three attempts", Scope { attempts: 3, ..AT_LEAST_ONCE },
    REPEATS_OF_TWO = "at least once, two messages",
        Scope { messages: 2, attempts: 1, ..AT_LEAST_ONCE },
    KEYS = "idempotent provider, three attempts", Scope { attempts: 3, ..IDEMPOTENT },
    KEYS_OF_TWO = "idempotent provider, two messages",
        Scope { messages: 2, attempts: 1, ..IDEMPOTENT },
    LOST = "answers to COMMIT lost", Scope { lost_commits: true, ..ONE },
    RECEIPTS = "receipts, and all ends in calm",
        Scope { calm: true, stops: true, receipts: true, ..AT_LEAST_ONCE },
    LOST_IN_CALM = "answers to COMMIT lost, and all ends in calm",
        Scope { calm: true, lost_commits: true, attempts: 1, ..ONE },
    OPERATORS = "operators, at most once", Scope { decisions: 2, ..ONE },
    RECIPIENT = "two messages to one recipient", LANES,
    GATE = "no order: the gate of a stop", Scope { stops: true, attempts: 1, ..Scope::FREE },
    GATE_AND_LOST = "the gate, answers to COMMIT lost",
        Scope { messages: 1, lost_commits: true, ..GATE },
    BATCHES = "no order, in batches", Scope { period: 2, ..GATE },
    LATE = "POSTs later than their deadline, at most once", Scope { late_posts: true, ..TWO },
    LATE_REPEATS = "POSTs later than their deadline, at least once",
        Scope { late_posts: true, ..AT_LEAST_ONCE },
}

scopes! {
    LARGE: "Those that are visited by hand, in this order, after the quick ones.",
    OLD_DECISION = "an operator, at least once, no quota, three attempts",
        Scope { decisions: 1, attempts: 3, period: 0, ..AT_LEAST_ONCE },
    MORE_BATCHES = "no order, three messages in batches of two",
        Scope { messages: 3, batch: 2, stops: false, ..BATCHES },
    MORE_LANES = "three messages, two to one recipient", Scope { messages: 3, attempts: 1, ..LANES },
    OPERATED_KEYS = "operators, idempotent provider", Scope { decisions: 2, ..IDEMPOTENT },
    OPERATED_REPEATS = "operators, at least once", Scope { decisions: 2, ..AT_LEAST_ONCE },
    THREE = "three messages", Scope { messages: 3, ..TWO },
    LOST_REPEATS = "answers to COMMIT lost, at least once, and all ends in calm",
        Scope { calm: true, lost_commits: true, ..AT_LEAST_ONCE },
    LOST_THRICE = "answers to COMMIT lost, three attempts", Scope { attempts: 3, ..LOST },
    TWICE = "two messages, two attempts each", Scope::STRICT,
    LOST_AND_STOPS = "two messages, stopped, answers to COMMIT lost",
        Scope { lost_commits: true, ..STOPS },
    TWICE_AND_STOPS = "two messages, two attempts each, stopped", Scope { attempts: 2, ..STOPS },
    ONE_DECISION = "an operator, at least once, three attempts",
        Scope { decisions: 1, attempts: 3, ..AT_LEAST_ONCE },
}
