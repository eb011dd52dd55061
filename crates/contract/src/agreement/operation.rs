//! What is done to a store, at random.

use proptest::{collection::vec, prelude::*};

/// One call of a port, or one thing that happens to the rows. A number that
/// picks something picks among all there are by then.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is named for the port's method that it calls")]
pub enum Operation {
    Enqueue { recipient: u8 },
    EnqueueOnTerms { recipient: u8, due_in: Option<i16>, expires_in: Option<i16>, priority: i16 },
    InsertBySql { recipient: u8, valid: bool },
    Prioritize { message: u8, priority: i16 },
    Schedule { message: u8, seconds: u16 },
    LetExpire { message: u8, seconds: i16 },
    Rewrite { message: u8, recipient: u8 },
    WriteSent { message: u8, sent: Option<bool> },
    Empty { really: bool },
    Sweep { limit: u32 },
    Claim { want: u32 },
    Record { send: u8, outcome: Outcome, signal: Signal },
    Release { send: u8 },
    ReleaseClaim { claim: u8 },
    Rescue { grace: u16, limit: u32 },
    TakeInDoubt { limit: u32 },
    Settle { doubt: u8, resolution: Settling },
    Switch { enabled: bool },
    Install { batch: u32, period: u16, ordering: u8 },
    Decide { message: u8, command: Command, seen_attempt: Option<i32> },
    Advance { seconds: i64 },
}

/// How a send ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Outcome {
    Accepted,
    Unnamed,
    NotSent,
    Unreachable,
    RateLimited,
    Refused,
    Misconfigured,
    Unknown,
}

/// What a send says about the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Signal {
    Alive,
    Silent,
    Failing,
    SlowDown { seconds: u16 },
    Trip,
}

/// What becomes of a message in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Settling {
    ByReceipt { right: bool },
    ByLookUp,
    Resend { after: u16, within: Option<u16> },
    Fail,
    Wait { finding: bool },
}

/// What an operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Command {
    Cancel,
    Requeue { force: bool },
    ResolveSent { named: bool },
    ResolveNotSent,
}

/// At most so many operations.
pub fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(), 1..=most)
}

/// Sending is most of what happens; the rest disturbs it.
fn operation() -> impl Strategy<Value = Operation> {
    use Operation::{
        Advance, Claim, Decide, Empty, Enqueue, EnqueueOnTerms, InsertBySql, Install, LetExpire,
        Prioritize, Record, Release, ReleaseClaim, Rescue, Rewrite, Schedule, Settle, Sweep,
        Switch, TakeInDoubt, WriteSent,
    };
    let any = any::<u8>;
    prop_oneof![
        6 => (0..3u8).prop_map(|recipient| Enqueue { recipient }),
        2 => (0..3u8, prop::bool::weighted(0.7))
            .prop_map(|(recipient, valid)| InsertBySql { recipient, valid }),
        1 => (any(), -2..3i16).prop_map(|(message, priority)| Prioritize { message, priority }),
        1 => (any(), 0..100u16).prop_map(|(message, seconds)| Schedule { message, seconds }),
        2 => (0..3u8, soon(), soon(), -2..3i16).prop_map(
            |(recipient, due_in, expires_in, priority)| EnqueueOnTerms {
                recipient, due_in, expires_in, priority
            }
        ),
        1 => (any(), -10..200i16).prop_map(|(message, seconds)| LetExpire { message, seconds }),
        1 => (any(), 0..3u8)
            .prop_map(|(message, recipient)| Rewrite { message, recipient }),
        2 => (any(), prop::option::weighted(0.8, prop::bool::ANY))
            .prop_map(|(message, sent)| WriteSent { message, sent }),
        // Seldom, or nothing would grow old.
        1 => prop::bool::weighted(0.3).prop_map(|really| Empty { really }),
        1 => (1..4u32).prop_map(|limit| Sweep { limit }),
        10 => (1..4u32).prop_map(|want| Claim { want }),
        10 => (any(), outcome(), signal())
            .prop_map(|(send, outcome, signal)| Record { send, outcome, signal }),
        1 => any().prop_map(|send| Release { send }),
        1 => any().prop_map(|claim| ReleaseClaim { claim }),
        2 => (0..60u16, 1..5u32).prop_map(|(grace, limit)| Rescue { grace, limit }),
        2 => (1..5u32).prop_map(|limit| TakeInDoubt { limit }),
        2 => (any(), settling()).prop_map(|(doubt, resolution)| Settle { doubt, resolution }),
        2 => prop::bool::weighted(0.7).prop_map(|enabled| Switch { enabled }),
        2 => (1..4u32, prop_oneof![Just(0u16), 1..200u16], 0..3u8)
            .prop_map(|(batch, period, ordering)| Install { batch, period, ordering }),
        2 => (any(), command(), prop::option::weighted(0.3, 0..3i32)).prop_map(
            |(message, command, seen_attempt)| Decide { message, command, seen_attempt }
        ),
        8 => seconds().prop_map(|seconds| Advance { seconds }),
    ]
}

/// Now and then in the past.
fn soon() -> impl Strategy<Value = Option<i16>> {
    prop::option::of(-10..200i16)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Outcome::{
        Accepted, Misconfigured, NotSent, RateLimited, Refused, Unknown, Unnamed, Unreachable,
    };
    prop_oneof![
        4 => Just(Accepted),
        1 => Just(Unnamed),
        2 => Just(NotSent),
        1 => Just(Unreachable),
        1 => Just(RateLimited),
        1 => Just(Refused),
        1 => Just(Misconfigured),
        3 => Just(Unknown),
    ]
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![
        6 => Just(Signal::Alive),
        1 => Just(Signal::Silent),
        2 => Just(Signal::Failing),
        1 => (0..100u16).prop_map(|seconds| Signal::SlowDown { seconds }),
        1 => Just(Signal::Trip),
    ]
}

fn settling() -> impl Strategy<Value = Settling> {
    let within = prop::option::of(0..200u16);
    prop_oneof![
        any::<bool>().prop_map(|right| Settling::ByReceipt { right }),
        Just(Settling::ByLookUp),
        (0..100u16, within).prop_map(|(after, within)| Settling::Resend { after, within }),
        Just(Settling::Fail),
        any::<bool>().prop_map(|finding| Settling::Wait { finding }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Cancel),
        any::<bool>().prop_map(|force| Command::Requeue { force }),
        any::<bool>().prop_map(|named| Command::ResolveSent { named }),
        Just(Command::ResolveNotSent),
    ]
}

/// The edges of leases (60 s), waits and periods; now and then back.
fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![
        10 => prop::sample::select(vec![1i64, 10, 29, 30, 31, 59, 60, 61, 100, 120, 300, 3600]),
        2 => 0..400i64,
        1 => prop::sample::select(vec![-1i64, -30, -100, -1_000, -100_000]),
    ]
}
