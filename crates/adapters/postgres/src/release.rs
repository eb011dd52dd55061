//! Giving back what was certainly not POSTed.

use crate::{control_row, transaction::Transaction};
use dispatcher_domain::{
    ControlState, Lease, LeaseToken, MessageId, ProviderSignal, ports::StoreError,
};
use jiff::Timestamp;
use tokio_postgres::types::Type;

pub(crate) async fn one(tx: Transaction, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
    if lease.paced {
        let (state, now) = control_row::lock(&tx).await?;
        end_claim(&tx, state, now, lease.token).await?;
    }
    let sql = format!(
        "WITH freed AS (UPDATE messages SET {FREE} \
         WHERE id = $2 AND uuid = $3 AND lease_token = $1 AND attempt = $4 AND status = 'sending' \
         RETURNING uuid, attempt) {NOTE}"
    );
    let freed = tx
        .execute(
            &sql,
            &[
                (&lease.token.0, Type::UUID),
                (&id.0, Type::INT8),
                (&lease.uuid, Type::UUID),
                (&lease.attempt, Type::INT4),
            ],
        )
        .await?;
    if freed == 0 {
        // Perhaps we freed it before, and were not told that the standby has it.
        // Only after a change a COMMIT waits for that, and a lock is one.
        control_row::lock(&tx).await?;
    }
    tx.commit().await?;
    Ok(freed == 1)
}

pub(crate) async fn claim(tx: Transaction, token: LeaseToken) -> Result<u64, StoreError> {
    let (state, now) = control_row::lock(&tx).await?;
    let sql = format!(
        "WITH freed AS (UPDATE messages SET {FREE} \
         WHERE lease_token = $1 AND status = 'sending' RETURNING uuid, attempt) {NOTE}"
    );
    let freed = tx.execute(&sql, &[(&token.0, Type::UUID)]).await?;
    // A claim that was never committed started nothing: to end it all the same
    // would put off the next batch by a whole interval.
    if freed > 0 || state.awaits(token) {
        end_claim(&tx, state, now, token).await?;
    }
    tx.commit().await?;
    Ok(freed)
}

/// Back to its place in the queue; `attempt` keeps fencing, no try is spent.
const FREE: &str = "status = 'queued', sent = FALSE, status_reason = 'released', \
                    lease_token = NULL, lease_until = NULL, lane_exclusive = FALSE";

const NOTE: &str = "UPDATE attempts a SET outcome = 'released', finished_at = dispatch_now() \
                    FROM freed f WHERE a.message_uuid = f.uuid AND a.attempt = f.attempt";

async fn end_claim(
    tx: &Transaction,
    mut state: ControlState,
    now: Timestamp,
    token: LeaseToken,
) -> Result<(), StoreError> {
    state.finished(now, token, &ProviderSignal::Silent);
    control_row::save(tx, &state).await
}
