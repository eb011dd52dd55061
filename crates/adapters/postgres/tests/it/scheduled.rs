//! Many scheduled messages that fall due together.

use crate::{
    steps::{Replica, count, enqueue, insert},
    support,
};
use dispatcher_domain::{ClaimResult, MessageId};
use std::time::Duration;

/// All in one transaction would meet its deadline one day and then never end.
#[tokio::test]
async fn a_crowd_that_falls_due_at_once_rejoins_in_bounded_steps_and_in_order() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let replica = Replica::of(&database);
    replica.free_flow().await;
    insert(&sql, "+905551234567").await;
    enqueue(&sql, 2500).await;
    sql.batch_execute(
        "UPDATE messages SET priority = 1, not_before = dispatch_now() - interval '1 second' \
         WHERE id > 1",
    )
    .await
    .unwrap();
    let waiting = "SELECT count(*) FROM messages WHERE not_before IS NOT NULL";
    for left in [1500, 500] {
        // "Ask again at once": what is to come may stand before the one that is due.
        let again = ClaimResult::Empty { next_due_in: Some(Duration::ZERO) };
        assert_eq!(replica.claim(1).await, again);
        assert_eq!(count(&sql, waiting).await, left);
    }
    assert_eq!(replica.start_one().await.id, MessageId(2));
    assert_eq!(count(&sql, waiting).await, 0);
}
