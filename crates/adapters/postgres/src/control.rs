//! The switch and the pace on the control row.

use crate::{
    Db,
    control_row::{self, GATE},
    refusal::told_at_once,
    transaction::Transaction,
};
use async_trait::async_trait;
use dispatcher_domain::{
    DispatchPolicy,
    ports::{ControlSnapshot, DispatchControl, StoreError},
};
use tokio_postgres::types::Type;

/// [`DispatchControl`] on the control row.
pub struct PgDispatchControl {
    db: Db,
}

impl PgDispatchControl {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Locks out every START, those without a quota included.
    async fn exclusively(&self) -> Result<Transaction, StoreError> {
        let tx = self.db.begin().await?;
        tx.execute("SELECT pg_advisory_xact_lock($1)", &[(&GATE, Type::INT8)]).await?;
        Ok(tx)
    }

    async fn install(&self, policy: DispatchPolicy) -> Result<(), StoreError> {
        let tx = self.exclusively().await?;
        let (mut state, now) = control_row::lock(&tx).await?;
        // Exact: no START commits while we hold the gate and the row.
        let sql = "SELECT max(lease_until) FROM messages WHERE status = 'sending'";
        let leased_until = tx.query_opt(sql, &[]).await?.and_then(|row| row.get(0));
        state.install(now, policy, leased_until);
        control_row::save(&tx, &state).await?;
        tx.commit().await
    }
}

#[async_trait]
impl DispatchControl for PgDispatchControl {
    async fn set_enabled(&self, enabled: bool) -> Result<bool, StoreError> {
        let tx = self.exclusively().await?;
        let (mut state, now) = control_row::lock(&tx).await?;
        let was_enabled = state.switch(now, enabled);
        control_row::save(&tx, &state).await?;
        tx.commit().await?;
        Ok(was_enabled)
    }

    async fn install_policy(&self, policy: DispatchPolicy) -> Result<(), StoreError> {
        self.install(policy).await.map_err(told_at_once)
    }

    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
        let tx = self.db.begin().await?;
        let (state, now) = control_row::read(&tx).await?;
        let sql = "SELECT count(*) FROM messages WHERE status = 'sending' AND lease_until > $1";
        let row = tx.query_opt(sql, &[(&now, Type::TIMESTAMPTZ)]).await?;
        let in_flight = row.map_or(0, |row| row.get::<_, i64>(0));
        tx.rollback().await?;
        Ok(ControlSnapshot { state, now, in_flight: in_flight.unsigned_abs() })
    }
}
