//! Leases that end before their time. A lease is there for those that may still
//! be alive, and for POSTs that may still be on their way; a test knows of both,
//! and need not wait. So leases can be long, and no stall of the machine makes an
//! unknown outcome of a send that lives.

use super::Stage;
use dispatcher_mock_provider::Outcome;

impl Stage {
    /// Ends the leases of what these replicas left in flight, as far as it has
    /// arrived at the provider. Their processes are gone, but what they sent,
    /// to the database or the provider, may arrive yet: ask again.
    pub(crate) async fn end_leases_of(&self, dead: &[String]) {
        let arrivals = self.provider.requests();
        let judged = arrivals.into_iter().filter(|post| post.outcome != Outcome::Incomplete);
        let keys: Vec<String> = judged.filter_map(|post| post.idempotency_key).collect();
        let theirs = "\
            SELECT a.lease_token FROM attempts a JOIN messages m ON m.uuid = a.message_uuid \
            WHERE a.finished_at IS NULL AND a.instance = ANY($1) \
                AND m.uuid || '-' || m.key_epoch = ANY($2)";
        // A statement for each lock: in one transaction two orders might deadlock.
        for sql in [
            format!(
                "UPDATE dispatch_control SET busy_until = dispatch_now() \
                 WHERE busy_until > dispatch_now() AND busy_token IN ({theirs})"
            ),
            format!(
                "UPDATE messages SET lease_until = started_at WHERE status = 'sending' \
                     AND lease_until > started_at AND lease_token IN ({theirs})"
            ),
        ] {
            self.sql.execute(&sql, &[&dead, &keys]).await.expect("an update");
        }
    }

    /// Ends all leases: every replica is dead, and what they sent has arrived.
    pub(crate) async fn end_every_lease(&self) {
        let sql = "\
            UPDATE dispatch_control SET busy_until = dispatch_now(); \
            UPDATE messages SET lease_until = started_at WHERE status = 'sending'";
        self.sql.batch_execute(sql).await.expect("updates");
    }
}
