//! Replicas that stand still for longer than their leases, and then go on: what
//! they say then is fenced, unless it is proof.

mod play;

use crate::{
    campaign::{Campaign, Plan},
    report::Report,
};
use dispatcher_stage::audit::Promise;
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use play::play;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "late",
    shows: "a replica that goes on after its lease: no POST, and only proof counts, whatever has become of its message",
    full: 600,
    ci: 30,
    run: |plan| run(plan).boxed_local(),
};

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for promise in [Promise::AtMostOnce, Promise::AtLeastOnce] {
        bills.push(play(promise, plan.count.div_ceil(2), &mut dice).await);
    }
    Report::of(bills)
}

/// What its owner learns of a message too late.
#[derive(Debug, Clone, Copy)]
enum Late {
    /// That it may send it: the answer to its claim was on its way for longer
    /// than its lease covers a send.
    Claim,
    /// How it was sent: the provider's answer was on its way for longer than its
    /// lease.
    Answer {
        /// In the words of the mock provider.
        script: &'static str,
        outcome: &'static str,
    },
}

const ALL: [Late; 4] = [
    Late::Claim,
    Late::Answer { script: "accept, then accept", outcome: "accepted" },
    Late::Answer { script: "status=422, then accept", outcome: "refused" },
    Late::Answer { script: "status=503, then accept", outcome: "not_sent" },
];

/// What must have become of the message in the end.
#[derive(Debug, PartialEq, Eq)]
struct End {
    status: String,
    reason: Option<String>,
    posts: usize,
    accepted: usize,
}

impl Late {
    /// What becomes of the message.
    fn end(self, promise: Promise) -> End {
        let (status, reason, posts, accepted) = match (self, promise) {
            // Given back, and then sent as if nothing had been.
            (Self::Claim, _) => ("sent", None, 1, 1),
            (Self::Answer { outcome, .. }, Promise::AtMostOnce) => match outcome {
                "accepted" => ("sent", Some("accepted_late"), 1, 1),
                "refused" => ("failed", Some("refused_422"), 1, 0),
                _ => ("unconfirmed", Some("lease_expired"), 1, 0),
            },
            // Another one has sent it meanwhile: nothing changes that.
            (Self::Answer { outcome: "accepted", .. }, _) => ("sent", None, 2, 2),
            (Self::Answer { .. }, _) => ("sent", None, 2, 1),
        };
        End { status: status.to_owned(), reason: reason.map(str::to_owned), posts, accepted }
    }

    /// How the late send ends on record.
    fn outcome(self) -> &'static str {
        match self {
            Self::Claim => "released",
            Self::Answer { outcome, .. } => outcome,
        }
    }
}
