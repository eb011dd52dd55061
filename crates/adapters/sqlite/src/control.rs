//! The switch and the pace on the control row.

use crate::{Db, columns::Micros, control_row, transaction::Tx};
use async_trait::async_trait;
use dispatcher_domain::{
    DispatchPolicy,
    ports::{ControlSnapshot, DispatchControl, StoreError},
};

/// [`DispatchControl`] on the control row.
pub struct SqliteDispatchControl {
    db: Db,
}

impl SqliteDispatchControl {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl DispatchControl for SqliteDispatchControl {
    async fn set_enabled(&self, enabled: bool) -> Result<bool, StoreError> {
        let set = move |tx: &Tx<'_>| {
            let mut state = control_row::load(tx)?;
            let was_enabled = state.switch(tx.now, enabled);
            control_row::save(tx, &state)?;
            Ok(was_enabled)
        };
        self.db.write(set).await
    }

    async fn install_policy(&self, policy: DispatchPolicy) -> Result<(), StoreError> {
        let install = move |tx: &Tx<'_>| {
            let mut state = control_row::load(tx)?;
            let sql = "SELECT max(lease_until) FROM messages WHERE status = 'sending'";
            let leased_until: Option<Micros> = tx.query_row(sql, [], |row| row.get(0))?;
            state.install(tx.now, policy, leased_until.map(|until| until.0));
            control_row::save(tx, &state)
        };
        self.db.write(install).await
    }

    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
        let look = |tx: &Tx<'_>| {
            let state = control_row::load(tx)?;
            let sql = "SELECT count(*) FROM messages WHERE status = 'sending' AND lease_until > ?1";
            let in_flight: i64 = tx.query_row(sql, [Micros(tx.now)], |row| row.get(0))?;
            Ok(ControlSnapshot { state, now: tx.now, in_flight: in_flight.unsigned_abs() })
        };
        if !self.db.refuses_writes() {
            return self.db.read(look).await;
        }
        let look = move |tx: &Tx<'_>| {
            // Something must change: SQLite does not write what is there already.
            for change in ["+ 1", "- 1"] {
                let sql = format!("UPDATE dispatch_control SET quota_left = quota_left {change}");
                tx.execute(&sql, [])?;
            }
            look(tx)
        };
        self.db.write(look).await
    }
}
