//! Leases that end before their time. A lease is there for those that may still
//! be alive, and for POSTs that may still be on their way; a test knows of both,
//! and need not wait. So leases can be long, and no stall of the machine makes an
//! unknown outcome of a send that lives.

use super::{
    Stage,
    sql::{Row, Sql},
    store::Store,
};
use dispatcher_mock_provider::Outcome;
use std::collections::HashSet;

/// A send that nobody has recorded the end of.
pub struct Unfinished {
    pub key: String,
    pub instance: String,
    lease_token: String,
}

impl Unfinished {
    fn of(row: &Row) -> Self {
        Self {
            key: row.get("key"),
            instance: row.get("instance"),
            lease_token: row.get("lease_token"),
        }
    }
}

impl<S: Store> Stage<S> {
    /// The sends that nobody has recorded the end of.
    pub async fn unfinished(&self) -> Vec<Unfinished> {
        let sql = "SELECT m.uuid || '-' || m.key_epoch AS key, a.instance, a.lease_token \
                   FROM attempts a JOIN messages m ON m.uuid = a.message_uuid \
                   WHERE a.finished_at IS NULL";
        self.rows(sql).await.iter().map(Unfinished::of).collect()
    }

    /// Ends the leases of what these replicas left in flight, as far as it has
    /// arrived at the provider. Their processes are gone, but what they sent,
    /// to the database or the provider, may arrive yet: ask again.
    pub async fn end_leases_of(&self, dead: &[String]) {
        let mut left = self.unfinished().await;
        left.retain(|send| dead.contains(&send.instance));
        if left.is_empty() {
            return;
        }
        let arrivals = self.provider.requests();
        let judged = arrivals.into_iter().filter(|post| post.outcome != Outcome::Incomplete);
        let keys: HashSet<String> = judged.filter_map(|post| post.idempotency_key).collect();
        for send in left.iter().filter(|send| keys.contains(&send.key)) {
            end(self.sql(), &format!("= '{}'", send.lease_token)).await;
        }
    }

    /// Ends the leases of what these left in flight, arrived or not: their lines
    /// are cut, and nothing of theirs is on its way any more.
    pub async fn end_leases_of_the_cut_off(&self, dead: &[String]) {
        for send in self.unfinished().await.iter().filter(|send| dead.contains(&send.instance)) {
            end(self.sql(), &format!("= '{}'", send.lease_token)).await;
        }
    }

    /// Ends all leases: every replica is dead, and what they sent has arrived.
    pub async fn end_every_lease(&self) {
        end_every_lease(self.sql()).await;
    }
}

/// The same without a stage.
pub async fn end_every_lease(sql: &impl Sql) {
    end(sql, "IS NOT NULL").await;
}

/// Ends the leases whose token is such.
async fn end<S: Sql>(sql: &S, token: &str) {
    let now = S::NOW;
    // A statement for each lock: in one transaction two orders might deadlock.
    for change in [
        format!(
            "UPDATE dispatch_control SET busy_until = {now} \
             WHERE busy_until > {now} AND busy_token {token}"
        ),
        format!(
            "UPDATE messages SET lease_until = started_at WHERE status = 'sending' \
                 AND lease_until > started_at AND lease_token {token}"
        ),
    ] {
        sql.run(&change).await;
    }
}
