//! Many scheduled messages that fall due together.

use crate::{
    steps::{Replica, count, enqueue},
    support::TestFile,
};
use dispatcher_domain::{ClaimResult, MessageId};
use std::time::Duration;

/// All in one transaction would meet its deadline one day and then never end.
#[tokio::test]
async fn a_crowd_that_falls_due_at_once_rejoins_in_bounded_steps_and_in_order() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    replica.free_flow().await;
    enqueue(&shell, 2501);
    shell.execute("UPDATE messages SET priority = 1, not_before = 0 WHERE id > 1", []).unwrap();
    let waiting = "SELECT count(*) FROM messages WHERE not_before IS NOT NULL";
    for left in [1500, 500] {
        // "Ask again at once": what is to come may stand before the one that is due.
        let again = ClaimResult::Empty { next_due_in: Some(Duration::ZERO) };
        assert_eq!(replica.claim(1).await, again);
        assert_eq!(count(&shell, waiting), left);
    }
    assert_eq!(replica.start_one().await.id, MessageId(2));
    assert_eq!(count(&shell, waiting), 0);
}
