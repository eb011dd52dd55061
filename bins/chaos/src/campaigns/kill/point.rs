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
    /// Whether a send is under way there, by the book of the database.
    pub(super) under_way: UnderWay,
    /// Whether somebody must have died before, for something to happen there.
    pub(super) needs: Option<Needs>,
}

/// Whether the one send that a process has in flight is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnderWay {
    Nothing,
    One,
    /// The dispatcher does what it likes meanwhile.
    Perhaps,
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
    under_way: UnderWay,
    needs: Option<Needs>,
) -> Point {
    Point { name, moments, under_way, needs }
}

/// The way of a message, step by step.
pub(super) const POINTS: &[Point] = &[
    point(
        "before the claim commits",
        &[(Wire::Postgres, Commit(Step::Claim, Before))],
        UnderWay::Nothing,
        None,
    ),
    point(
        "the reply to the claim's commit lost",
        &[(Wire::Postgres, Commit(Step::Claim, Unanswered))],
        UnderWay::One,
        None,
    ),
    point(
        "after the claim's commit, no byte sent",
        &[(Wire::Http, Post(Progress::Nothing))],
        UnderWay::One,
        None,
    ),
    point("half a request", &[(Wire::Http, Post(Progress::HalfTheRequest))], UnderWay::One, None),
    point(
        "a request, nothing of its answer",
        &[(Wire::Http, Post(Progress::Request))],
        UnderWay::One,
        None,
    ),
    point("the head of the answer", &[(Wire::Http, Post(Progress::Head))], UnderWay::One, None),
    AFTER_BODY,
    AFTER_RECEIPT,
    point(
        "before the completion commits",
        &[(Wire::Postgres, Commit(Step::Completion, Before))],
        UnderWay::One,
        None,
    ),
    point(
        "the reply to the completion's commit lost",
        &[(Wire::Postgres, Commit(Step::Completion, Unanswered))],
        UnderWay::Nothing,
        None,
    ),
    point(
        "after the completion",
        &[(Wire::Postgres, Commit(Step::Completion, After))],
        UnderWay::Perhaps,
        None,
    ),
    point(
        "before a rescue commits",
        &[(Wire::Postgres, Commit(Step::Rescue, Before))],
        UnderWay::Perhaps,
        Some(Needs::Orphan),
    ),
    point(
        "the reply to a rescue's commit lost",
        &[(Wire::Postgres, Commit(Step::Rescue, Unanswered))],
        UnderWay::Perhaps,
        Some(Needs::Orphan),
    ),
    point(
        "before a decision commits",
        &[(Wire::Postgres, Commit(Step::Settle, Before))],
        UnderWay::Perhaps,
        Some(Needs::Receipt),
    ),
    point(
        "the reply to a decision's commit lost",
        &[(Wire::Postgres, Commit(Step::Settle, Unanswered))],
        UnderWay::Perhaps,
        Some(Needs::Receipt),
    ),
];

/// The whole answer is there, and nobody has heard of it.
const AFTER_BODY: Point = point(
    "the body of the answer",
    &[(Wire::Redis, Receipt(Before)), (Wire::Postgres, Commit(Step::Completion, Before))],
    UnderWay::One,
    None,
);

/// Redis has heard of it, and the database has not.
pub(super) const AFTER_RECEIPT: Point = point(
    "the receipt written, the completion not",
    &[(Wire::Redis, Receipt(Unanswered)), (Wire::Postgres, Commit(Step::Completion, Before))],
    UnderWay::One,
    None,
);

/// The points of a file, which nobody can tap: where Redis is asked, the file
/// may have been written or not.
pub(super) const POINTS_OF_A_FILE: &[Point] = &[
    POINTS[2],
    POINTS[3],
    POINTS[4],
    POINTS[5],
    point("before the receipt", &[(Wire::Redis, Receipt(Before))], UnderWay::Perhaps, None),
    point("after the receipt", &[(Wire::Redis, Receipt(Unanswered))], UnderWay::Perhaps, None),
];
