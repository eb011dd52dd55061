//! Our own statements do not pay for the triggers that serve others.

use crate::{
    steps::{Replica, enqueue, hello, run},
    support::TestFile,
};
use dispatcher_contract::message_store::{accepted, refused, request, unknown};
use dispatcher_domain::{
    ClaimResult, InDoubt, OperatorCommand, OperatorRequest, ProbeBackoff, Resolution, Terms,
    ports::{Decided, Decision, DoubtfulMessages, MessageControl, MessageRepo},
};
use jiff::SignedDuration;
use std::time::Duration;

#[tokio::test]
async fn no_statement_of_ours_runs_a_trigger() {
    let file = TestFile::migrated().await;
    let shell = file.shell();
    alarm_all_triggers(&shell);
    let insert =
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', '', TRUE)";
    assert!(shell.execute(insert, []).is_err(), "the alarm works");
    let replica = Replica::of(&file);
    let messages = &replica.messages;
    replica.free_flow().await;

    // enqueue, and a row that START rejects
    messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    run(&shell, "INSERT INTO messages (phone_number, content) VALUES ('1234567890', '')");
    enqueue(&shell, 6);

    // START, release, release of a claim
    let ClaimResult::Started(started) = messages.claim_due(&request(64)).await.unwrap().result
    else {
        panic!("must start")
    };
    assert_eq!(started.len(), 7);
    assert!(messages.release(started[0].id, &started[0].lease).await.unwrap());
    assert_eq!(messages.release_claim(started[0].lease.token).await.unwrap(), 6);

    // a scheduled row that falls due, each completion, rescue, late evidence
    shell.execute("UPDATE messages SET not_before = 0 WHERE status = 'queued'", []).unwrap();
    let started = replica.start(64).await;
    assert_eq!(started.len(), 7);
    for (message, end) in started.iter().zip([accepted(), refused(), unknown()]) {
        messages.record_outcome(message.id, &message.lease, &end).await.unwrap();
    }
    file.time.advance(SignedDuration::from_hours(24));
    assert_eq!(messages.rescue_expired(Duration::ZERO, 64).await.unwrap().len(), 4);
    for (message, end) in started[3..].iter().zip([accepted(), refused()]) {
        messages.record_outcome(message.id, &message.lease, &end).await.unwrap();
    }

    // messages in doubt: looked at, queued again, in doubt again, given up
    let doubts = take(&replica).await;
    assert_eq!(doubts.len(), 3);
    let soon = Some(doubts[0].now + Duration::from_secs(1));
    let resend = Resolution::Resend { after: Duration::ZERO, until: soon };
    assert!(replica.doubts.settle(&doubts[0], &resend).await.unwrap());
    assert!(replica.doubts.settle(&doubts[1], &Resolution::Fail).await.unwrap());
    file.time.advance(SignedDuration::from_hours(24));
    assert_eq!(replica.start(64).await, []);
    assert_eq!(take(&replica).await.len(), 2);

    // what operators decide
    let force = OperatorCommand::Requeue { force: true };
    for command in [OperatorCommand::ResolveNotSent, force, OperatorCommand::Cancel] {
        let request = OperatorRequest { command, seen_attempt: None };
        let decided = replica.operators.decide(doubts[0].id, &request, Duration::ZERO).await;
        assert!(matches!(decided.unwrap(), Decided::Done(Decision { changed: true, .. })));
    }

    let statuses = "SELECT count(DISTINCT status) FROM messages";
    assert_eq!(
        crate::steps::count(&shell, statuses),
        5,
        "sent, failed, unconfirmed, canceled, rejected"
    );
}

async fn take(replica: &Replica) -> Vec<InDoubt> {
    let backoff = ProbeBackoff { base: Duration::ZERO, cap: Duration::ZERO };
    replica.doubts.take_in_doubt(64, &backoff).await.unwrap()
}

/// The same events and conditions, with an alarm for a body.
fn alarm_all_triggers(shell: &rusqlite::Connection) {
    let mut query =
        shell.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers: Vec<(String, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(triggers.len(), 4);
    for (name, sql) in triggers {
        let (head, _) = sql.split_once("BEGIN").unwrap();
        let alarm =
            format!("DROP TRIGGER {name}; {head} BEGIN SELECT RAISE(ABORT, 'called'); END;");
        shell.execute_batch(&alarm).unwrap();
    }
}
