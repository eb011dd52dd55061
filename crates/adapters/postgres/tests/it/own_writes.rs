//! Our own statements do not pay for the triggers that serve others.

use crate::{
    steps::{Replica, count, enqueue},
    support,
};
use dispatcher_contract::message_store::{accepted, refused, request, unknown};
use dispatcher_domain::{
    ClaimResult, MessageBody, MessageLimits, NewMessage, OperatorCommand, PhoneNumber, Terms,
    ports::{Decided, MessageRepo},
};
use std::time::Duration;

const ALARMED: &str = "\
    CREATE OR REPLACE FUNCTION messages_foreign_insert() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'called'; END $$; \
    CREATE OR REPLACE FUNCTION messages_foreign_update() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'called'; END $$";

#[tokio::test]
async fn no_statement_of_ours_calls_the_functions_for_foreign_writers() {
    let database = support::in_manual_time().await;
    let sql = database.client().await.unwrap();
    sql.batch_execute(ALARMED).await.unwrap();
    let insert =
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', '', TRUE)";
    assert!(sql.execute(insert, &[]).await.is_err(), "the alarm works");
    let replica = Replica::of(&database);
    let messages = &replica.messages;
    replica.free_flow().await;

    // enqueue, and a row that START rejects
    let phone_number = PhoneNumber::parse("+905551234567").unwrap();
    let body = MessageBody::parse("Hello", &MessageLimits::default()).unwrap();
    messages.enqueue(&NewMessage { phone_number, body }, &Terms::default()).await.unwrap();
    let bad = "INSERT INTO messages (phone_number, content) VALUES ('1234567890', '')";
    sql.execute(bad, &[]).await.unwrap();
    enqueue(&sql, 6).await;

    // START, release, release of a claim
    let ClaimResult::Started(started) = messages.claim_due(&request(64)).await.unwrap().result
    else {
        panic!("must start")
    };
    assert_eq!(started.len(), 7);
    assert!(messages.release(started[0].id, &started[0].lease).await.unwrap());
    assert_eq!(messages.release_claim(started[0].lease.token).await.unwrap(), 6);

    // a scheduled row that falls due, each completion, rescue, late evidence
    sql.batch_execute("UPDATE messages SET not_before = dispatch_now() WHERE status = 'queued'")
        .await
        .unwrap();
    let started = replica.start(64).await;
    assert_eq!(started.len(), 7);
    for (message, end) in started.iter().zip([accepted(), refused(), unknown()]) {
        messages.record_outcome(message.id, &message.lease, &end).await.unwrap();
    }
    sql.batch_execute("UPDATE test_clock SET now = now + interval '1 day'").await.unwrap();
    assert_eq!(messages.rescue_expired(Duration::ZERO, 64).await.unwrap().len(), 4);
    for (message, end) in started[3..].iter().zip([accepted(), refused()]) {
        messages.record_outcome(message.id, &message.lease, &end).await.unwrap();
    }
    // what operators decide
    for message in &started[5..] {
        for command in [
            OperatorCommand::Requeue { force: true },
            OperatorCommand::Cancel,
            OperatorCommand::ResolveSent { provider_message_id: None },
        ] {
            let decided = replica.decide(message.id.0, command).await;
            assert!(matches!(decided, Decided::Done(_)), "{decided:?}");
        }
    }
    let parked = started[2].id.0;
    let decided = replica.decide(parked, OperatorCommand::ResolveNotSent).await;
    assert!(matches!(decided, Decided::Done(_)), "{decided:?}");
    sql.batch_execute("UPDATE messages SET status = 'unconfirmed' WHERE id = 4").await.unwrap();
    let statuses = "SELECT count(DISTINCT status) FROM messages";
    assert_eq!(count(&sql, statuses).await, 4, "sent, failed, unconfirmed, rejected");
}
