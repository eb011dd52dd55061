//! START: from `queued` to `sending`, one short transaction.
//!
//! The control row is locked first, so that STARTs of all replicas form one
//! line, and every statement after it sees what the ones before committed.
//! Where nothing is paced (no quota, no strict order, provider well) no row is
//! left that all wait for: a shared advisory lock keeps the door for stop.

mod start;
mod take;
mod times;

use crate::{
    control_row::{self, GATE},
    error::server_error,
    transaction::Transaction,
};
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, ClockAlarm, ControlState, Hold, HoldReason, ports::StoreError,
};
use jiff::Timestamp;
use std::time::Duration;
use take::take;
use tokio_postgres::{error::SqlState, types::Type};

/// START through the control row. Also tells whether that was needed.
pub(crate) async fn gated(
    tx: Transaction,
    request: &ClaimRequest,
) -> Result<(Claim, bool), StoreError> {
    let (mut state, now) = control_row::lock(&tx).await?;
    let alarms = state.mend_clock(now);
    if !alarms.is_empty() {
        control_row::save(&tx, &state).await?;
    }
    let paced = state.is_paced(now);
    let max = match state.admit(now, request.want) {
        Ok(admission) => admission.max,
        Err(hold) => return Ok((hold_back(tx, hold, alarms).await?, paced)),
    };
    let taken = match take(&tx, request, max, state.policy.ordering, now, paced).await {
        Ok(taken) => taken,
        Err(error) => return Ok((lost_race(tx, error).await?, paced)),
    };
    if let ClaimResult::Started(messages) = &taken.result {
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        state.started(now, count, request.token, request.lease);
        control_row::save(&tx, &state).await?;
    }
    Ok((commit(tx, Claim { alarms, ..taken }).await?, paced))
}

/// Nobody has to look for a START whose COMMIT was not confirmed if there is
/// none in it.
async fn commit(tx: Transaction, claim: Claim) -> Result<Claim, StoreError> {
    match (tx.commit().await, &claim.result) {
        (Ok(()), _) => Ok(claim),
        (Err(error), ClaimResult::Started(_)) => Err(error),
        (Err(StoreError::Unconfirmed(cause)), _) => Err(StoreError::Unavailable(cause)),
        (Err(error), _) => Err(error),
    }
}

async fn hold_back(
    tx: Transaction,
    hold: Hold,
    alarms: Vec<ClockAlarm>,
) -> Result<Claim, StoreError> {
    // Only mended times are worth a commit.
    if alarms.is_empty() {
        tx.rollback().await?;
        return Ok(held(hold));
    }
    commit(tx, Claim { alarms, ..held(hold) }).await
}

/// START beside the control row; `None` when the queue is paced after all.
pub(crate) async fn ungated(
    tx: Transaction,
    request: &ClaimRequest,
) -> Result<Option<Claim>, StoreError> {
    tx.execute("SELECT pg_advisory_xact_lock_shared($1)", &[(&GATE, Type::INT8)]).await?;
    let (state, now) = control_row::read(&tx).await?;
    if state.is_paced(now) {
        tx.rollback().await?;
        return Ok(None);
    }
    if !state.enabled {
        tx.rollback().await?;
        return Ok(Some(held(Hold { reason: HoldReason::Stopped, for_at_least: None })));
    }
    take_ungated(tx, request, &state, now).await.map(Some)
}

async fn take_ungated(
    tx: Transaction,
    request: &ClaimRequest,
    state: &ControlState,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    match take(&tx, request, request.want, state.policy.ordering, now, false).await {
        Ok(claim) => commit(tx, claim).await,
        Err(error) => lost_race(tx, error).await,
    }
}

/// Another START took a message to the same recipient at this moment: the index
/// on lanes kept them apart, or the server ended one of two that waited for
/// each other. Nothing is wrong and nothing was started: look again.
///
/// With the control row too: a START beside it may be under way when the queue
/// becomes paced, or when a replica does not know yet that it is not.
async fn lost_race(tx: Transaction, error: StoreError) -> Result<Claim, StoreError> {
    if !is_lost_race(&error) {
        return Err(error);
    }
    tx.rollback().await?;
    Ok(held(Hold { reason: HoldReason::Busy, for_at_least: Some(Duration::ZERO) }))
}

fn is_lost_race(error: &StoreError) -> bool {
    server_error(error).is_some_and(|error| {
        error.constraint.as_deref() == Some("messages_one_in_flight_per_lane")
            || error.code == SqlState::T_R_DEADLOCK_DETECTED.code()
    })
}

fn held(hold: Hold) -> Claim {
    Claim { result: ClaimResult::Held(hold), rejected: vec![], expired: vec![], alarms: vec![] }
}
