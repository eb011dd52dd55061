//! Where a process is killed.

use dispatcher_stage::tap::{
    Edge::{After, Before, Unanswered},
    Moment::{self, Commit, Post, Receipt},
    Progress, Step, Wire,
};

/// A point between two steps of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) name: &'static str,
    /// All of them must have come; then the process is killed.
    pub(super) moments: &'static [(Wire, Moment)],
    /// What must become of the message that it was sending, with `at_most_once`.
    pub(super) fate: Fate,
    /// Whether somebody must have died before, for something to happen there.
    pub(super) needs: Option<Needs>,
}

/// What must become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was not under way.
    NotStarted,
    /// It stays in doubt: nothing proves anything.
    Parked,
    /// It is `sent`: there is proof.
    Sent,
    /// One or the other, as the receipt was written or not.
    Either,
}

/// What there must be for a point to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// A message whose owner has vanished.
    Orphan,
    /// A message in doubt that has a receipt.
    Receipt,
}

const fn point(
    name: &'static str,
    moments: &'static [(Wire, Moment)],
    fate: Fate,
    needs: Option<Needs>,
) -> Point {
    Point { name, moments, fate, needs }
}

/// The way of a message, step by step.
pub(super) const POINTS: &[Point] = &[
    point(
        "before the claim commits",
        &[(Wire::Postgres, Commit(Step::Claim, Before))],
        Fate::NotStarted,
        None,
    ),
    point(
        "the reply to the claim's commit lost",
        &[(Wire::Postgres, Commit(Step::Claim, Unanswered))],
        Fate::Parked,
        None,
    ),
    point(
        "after the claim's commit, no byte sent",
        &[(Wire::Http, Post(Progress::Nothing))],
        Fate::Parked,
        None,
    ),
    point("half a request", &[(Wire::Http, Post(Progress::HalfTheRequest))], Fate::Parked, None),
    point(
        "a request, nothing of its answer",
        &[(Wire::Http, Post(Progress::Request))],
        Fate::Parked,
        None,
    ),
    point("the head of the answer", &[(Wire::Http, Post(Progress::Head))], Fate::Parked, None),
    AFTER_BODY,
    AFTER_RECEIPT,
    point(
        "before the completion commits",
        &[(Wire::Postgres, Commit(Step::Completion, Before))],
        Fate::Either,
        None,
    ),
    point(
        "the reply to the completion's commit lost",
        &[(Wire::Postgres, Commit(Step::Completion, Unanswered))],
        Fate::Sent,
        None,
    ),
    point(
        "after the completion",
        &[(Wire::Postgres, Commit(Step::Completion, After))],
        Fate::Sent,
        None,
    ),
    point(
        "before a rescue commits",
        &[(Wire::Postgres, Commit(Step::Rescue, Before))],
        Fate::Either,
        Some(Needs::Orphan),
    ),
    point(
        "the reply to a rescue's commit lost",
        &[(Wire::Postgres, Commit(Step::Rescue, Unanswered))],
        Fate::Either,
        Some(Needs::Orphan),
    ),
    point(
        "before a decision commits",
        &[(Wire::Postgres, Commit(Step::Settle, Before))],
        Fate::Either,
        Some(Needs::Receipt),
    ),
    point(
        "the reply to a decision's commit lost",
        &[(Wire::Postgres, Commit(Step::Settle, Unanswered))],
        Fate::Either,
        Some(Needs::Receipt),
    ),
];

/// The whole answer is there, and nobody has heard of it.
const AFTER_BODY: Point = point(
    "the body of the answer",
    &[(Wire::Redis, Receipt(Before)), (Wire::Postgres, Commit(Step::Completion, Before))],
    Fate::Parked,
    None,
);

/// Redis has heard of it, and the database has not.
pub(super) const AFTER_RECEIPT: Point = point(
    "the receipt written, the completion not",
    &[(Wire::Redis, Receipt(Unanswered)), (Wire::Postgres, Commit(Step::Completion, Before))],
    Fate::Sent,
    None,
);

/// The points of a file, which nobody can tap: where Redis is asked, the file
/// may have been written or not.
pub(super) const POINTS_OF_A_FILE: &[Point] = &[
    POINTS[2],
    POINTS[3],
    POINTS[4],
    POINTS[5],
    point("before the receipt", &[(Wire::Redis, Receipt(Before))], Fate::Either, None),
    point("after the receipt", &[(Wire::Redis, Receipt(Unanswered))], Fate::Sent, None),
];
