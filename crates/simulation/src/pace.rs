//! P6, told by the record of STARTs.

use crate::plan::LEASE;
use dispatcher_domain::DispatchPolicy;
use dispatcher_memory::AttemptRow;
use jiff::Timestamp;

/// How the pace was broken, if it was.
pub(crate) fn broken(policy: &DispatchPolicy, attempts: &[AttemptRow]) -> Option<String> {
    if !policy.has_quota() {
        return None;
    }
    let mut starts: Vec<Timestamp> = attempts.iter().map(|it| it.started_at).collect();
    starts.sort_unstable();
    let ends: Vec<Timestamp> = attempts.iter().filter_map(|it| end(policy, it)).collect();
    // A batch begins one interval after the last send before it has ended.
    let may_begin = |start: &Timestamp| {
        let soon = |end: &Timestamp| *start > *end && *start < *end + policy.period;
        !ends.iter().any(soon)
    };
    let batch = usize::try_from(policy.batch_size.get()).unwrap_or(usize::MAX);
    for window in starts.windows(batch + 1) {
        let took = window[batch].duration_since(window[0]).unsigned_abs();
        if took < policy.period {
            return Some(format!("P6: {} started within {took:?}", batch + 1));
        }
        // One of these is the first of its batch.
        if !window[1..].iter().any(may_begin) {
            return Some(format!("P6: {} started, too soon after an end", batch + 1));
        }
    }
    None
}

/// When a send was over, as far as its owner told within its lease. With strict
/// order one whose owner vanished counts until the end of that.
fn end(policy: &DispatchPolicy, attempt: &AttemptRow) -> Option<Timestamp> {
    let lease = attempt.started_at + LEASE;
    attempt.finished_at.filter(|end| *end <= lease).or_else(|| policy.is_strict().then_some(lease))
}
