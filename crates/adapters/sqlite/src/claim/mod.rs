//! START: from `queued` to `sending`, one short transaction.
//!
//! All that write stand in one line, so nothing here is locked or raced for:
//! each START sees what the ones before it committed.

mod row;
mod start;
mod take;

use crate::{control_row, transaction::Tx};
use dispatcher_domain::{Claim, ClaimRequest, ClaimResult};
use take::take;

pub(crate) fn due(tx: &Tx<'_>, request: &ClaimRequest) -> rusqlite::Result<Claim> {
    let mut state = control_row::load(tx)?;
    let alarms = state.mend_clock(tx.now);
    if !alarms.is_empty() {
        control_row::save(tx, &state)?;
    }
    let paced = state.is_paced(tx.now);
    let max = match state.admit(tx.now, request.want) {
        Ok(admission) => admission.max,
        Err(hold) => {
            return Ok(Claim {
                result: ClaimResult::Held(hold),
                rejected: vec![],
                expired: vec![],
                alarms,
            });
        }
    };
    let taken = take(tx, request, max, state.policy.ordering, paced)?;
    if let ClaimResult::Started(messages) = &taken.result {
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        state.started(tx.now, count, request.token, request.lease);
        control_row::save(tx, &state)?;
    }
    Ok(Claim { alarms, ..taken })
}
