//! Messages that are over, at the moment of a START, a sweep, a cancel or a requeue.

use super::at_once;
use crate::{
    steps::{LIMIT, Replica, count, enqueue, insert},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    ClaimResult, MessageId, OperatorCommand, Ordering,
    ports::{Decided, MessageRepo},
};
use dispatcher_testkit::wait_until;
use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

const WAITING: &str = "\
    SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

const REQUEUE: OperatorCommand = OperatorCommand::Requeue { force: false };

/// A START passes by what somebody holds, and so does its look for what is over:
/// a row that is let go between the two must not slip through. The START is held
/// up there by the trigger, which the promotion of another row fires.
#[tokio::test]
async fn a_message_that_is_let_go_in_the_middle_of_a_start_is_over_all_the_same() {
    for ordering in [Ordering::None, Ordering::Recipient] {
        let database = support::migrated().await;
        let sql = database.client().await.unwrap();
        let replica = Replica::of(&database);
        replica.pace(1, Duration::ZERO, ordering).await;
        let (over, scheduled) =
            (insert(&sql, "+905551234567").await, insert(&sql, "+905557654321").await);
        let set = format!(
            "UPDATE messages SET expires_at = now() WHERE id = {over}; \
             UPDATE messages SET not_before = now() WHERE id = {scheduled}; \
             CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS \
                 $$BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END$$; \
             CREATE TRIGGER hold_up BEFORE UPDATE OF not_before ON messages FOR EACH ROW \
                 WHEN (OLD.not_before IS NOT NULL) EXECUTE FUNCTION hold_up(); \
             SELECT pg_advisory_lock(1)"
        );
        sql.batch_execute(&set).await.unwrap();
        let holder = database.client().await.unwrap();
        let hold = format!("BEGIN; SELECT FROM messages WHERE id = {over} FOR UPDATE");
        holder.batch_execute(&hold).await.unwrap();
        let claim = tokio::spawn(async move { replica.messages.claim_due(&request(9)).await });
        wait_until("the START is held up", LIMIT, async || count(&sql, WAITING).await == 1).await;
        holder.batch_execute("COMMIT").await.unwrap();
        sql.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
        let claim = claim.await.unwrap().unwrap();
        let ClaimResult::Started(started) = claim.result else { panic!("{:?}", claim.result) };
        let ids: Vec<_> = started.iter().map(|message| message.id).collect();
        let expected = (vec![MessageId(scheduled)], vec![MessageId(over)]);
        assert_eq!((ids, claim.expired), expected, "{ordering}");
        let expired = "SELECT count(*) FROM messages WHERE status = 'expired'";
        assert_eq!(count(&sql, expired).await, 1);
    }
}

#[tokio::test]
async fn the_sweep_passes_by_what_an_operator_decides_about_and_does_not_undo_it() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let replica = Replica::of(&database);
    let id = insert(&sql, "+905551234567").await;
    sql.batch_execute("UPDATE messages SET expires_at = now()").await.unwrap();
    let operator = database.client().await.unwrap();
    let cancel = "BEGIN; UPDATE messages SET status = 'canceled', sent = NULL";
    operator.batch_execute(cancel).await.unwrap();
    assert_eq!(replica.messages.expire_overdue(9).await.unwrap(), []);
    operator.batch_execute("COMMIT").await.unwrap();
    assert_eq!(replica.messages.expire_overdue(9).await.unwrap(), []);
    let Decided::Done(decision) = replica.decide(id, REQUEUE).await else { panic!("refused") };
    assert!(decision.changed);
    assert_eq!(replica.start_one().await.id, MessageId(id), "its time is taken away");
}

/// Messages of the race.
const RACE: i32 = 2000;

/// They end at different moments of it, so that STARTs, sweeps, cancels and
/// requeues meet each of them now before and now after.
async fn everybody_at_once(ordering: Ordering, period: Duration) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    Replica::of(&database).pace(1_000_000, period, ordering).await;
    enqueue(&sql, RACE).await;
    let ends = "UPDATE messages SET expires_at = now() + id * interval '1 millisecond' / 2";
    sql.batch_execute(ends).await.unwrap();
    let turn = AtomicUsize::new(0);
    let told = at_once(&database, |replica| {
        let nth = turn.fetch_add(1, Relaxed);
        async move {
            match nth % 4 {
                0 | 1 => start_all(&replica).await,
                2 => sweep_all(&replica).await,
                _ => cancel_and_requeue(&replica).await,
            }
        }
    })
    .await;
    println!("{ordering}: {told:?}");
    let late = "SELECT count(*) FROM attempts a JOIN messages m ON m.uuid = a.message_uuid \
                WHERE a.started_at >= m.expires_at";
    assert_eq!(count(&sql, late).await, 0, "no START of what is over");
    let twice = "SELECT count(*) FROM messages WHERE attempt > 1 OR status NOT IN \
                 ('sending', 'expired', 'canceled')";
    assert_eq!(count(&sql, twice).await, 0);
    let noted = "SELECT count(*) FROM messages WHERE (status = 'sending') <> (attempt = 1)";
    assert_eq!(count(&sql, noted).await, 0, "what expired or was canceled never started");
    for status in ["sending", "expired"] {
        let of = format!("SELECT count(*) FROM messages WHERE status = '{status}'");
        assert!(count(&sql, &of).await > 0, "no race: none is {status}");
    }
}

/// How many were started.
async fn start_all(replica: &Replica) -> usize {
    let mut started = 0;
    loop {
        match replica.claim(3).await {
            ClaimResult::Started(messages) => started += messages.len(),
            ClaimResult::Held(_) | ClaimResult::Empty { next_due_in: Some(_) } => {}
            ClaimResult::Empty { next_due_in: None } => return started,
        }
    }
}

/// How many expired by it.
async fn sweep_all(replica: &Replica) -> usize {
    let mut expired = 0;
    for _ in 0..300 {
        expired += replica.messages.expire_overdue(7).await.expect("the store answers").len();
    }
    expired
}

/// How many decisions were taken.
async fn cancel_and_requeue(replica: &Replica) -> usize {
    let mut taken = 0;
    for id in (1..=i64::from(RACE)).step_by(5) {
        for command in [OperatorCommand::Cancel, REQUEUE, OperatorCommand::Cancel] {
            let decided = replica.decide(id, command).await;
            taken += usize::from(matches!(decided, Decided::Done(it) if it.changed));
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn beside_the_control_row_each_message_starts_in_time_or_expires_or_is_canceled() {
    everybody_at_once(Ordering::None, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn through_the_control_row_each_message_starts_in_time_or_expires_or_is_canceled() {
    everybody_at_once(Ordering::Recipient, Duration::from_secs(3600)).await;
}
