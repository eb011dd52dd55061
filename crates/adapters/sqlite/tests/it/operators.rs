//! What operators decide about messages that were to be sent again.

use crate::{
    steps::{Replica, count, enqueue, run},
    support::TestFile,
};
use dispatcher_domain::{
    OperatorCommand, OperatorRequest,
    ports::{Decided, Decision, MessageControl},
};
use std::time::Duration;

async fn decide(replica: &Replica, command: OperatorCommand) -> Decision {
    let request = OperatorRequest { command, seen_attempt: None };
    match replica.operators.decide(dispatcher_domain::MessageId(1), &request, Duration::ZERO).await
    {
        Ok(Decided::Done(decision)) => decision,
        other => panic!("{other:?}"),
    }
}

/// Its time counts for a key that is not used any more.
#[tokio::test]
async fn a_requeue_knows_no_limit_of_an_earlier_resend() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    enqueue(&shell, 1);
    run(&shell, "UPDATE messages SET unknown_outcomes = 1, resend_until = 0");
    decide(&replica, OperatorCommand::Cancel).await;
    let requeued = decide(&replica, OperatorCommand::Requeue { force: true }).await;
    assert_eq!(replica.start_one().await.key, requeued.key);
}

/// Bytes that are no text must not keep a message from being decided about.
#[tokio::test]
async fn an_odd_value_in_a_row_does_not_stop_an_operator() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    run(
        &shell,
        "INSERT INTO messages (phone_number, content, lease_token, provider_message_id) \
         VALUES (x'00ff', x'ff', 5, x'ff')",
    );
    assert!(decide(&replica, OperatorCommand::Cancel).await.changed);
    assert_eq!(count(&shell, "SELECT count(*) FROM messages WHERE status = 'canceled'"), 1);
}
