//! Operators, STARTs and late answers at the same moment.

use super::at_once;
use crate::{
    steps::{LIMIT, Replica, count, enqueue, insert},
    support,
};
use dispatcher_domain::{
    ClaimResult, ClaimedMessage, HoldReason, OperatorCommand, Ordering, Refusal,
    ports::{Decided, MessageRepo},
};
use dispatcher_testkit::{TestDatabase, wait_until};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio_postgres::Client;

const FORCE: OperatorCommand = OperatorCommand::Requeue { force: true };
const SENT: OperatorCommand = OperatorCommand::ResolveSent { provider_message_id: None };

const WAITING: &str = "\
    SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn setting() -> (TestDatabase, Client, Arc<Replica>) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let replica = Replica::of(&database);
    replica.free_flow().await;
    (database, sql, replica)
}

fn changed(decided: &Decided) -> bool {
    matches!(decided, Decided::Done(decision) if decision.changed)
}

#[tokio::test]
async fn a_cancel_that_meets_a_start_waits_for_it_and_is_refused() {
    let (database, sql, operator) = setting().await;
    let start = database.client().await.unwrap();
    insert(&sql, "+905551234567").await;
    let sending = "BEGIN; UPDATE messages SET status = 'sending', sent = NULL, attempt = 1";
    start.batch_execute(sending).await.unwrap();
    let cancel = tokio::spawn(async move { operator.decide(1, OperatorCommand::Cancel).await });
    wait_until("the cancel waits", LIMIT, async || count(&sql, WAITING).await == 1).await;
    start.batch_execute("COMMIT").await.unwrap();
    assert_eq!(cancel.await.unwrap(), Decided::Refused(Refusal::InFlight));
    let sending = "SELECT count(*) FROM messages WHERE status = 'sending'";
    assert_eq!(count(&sql, sending).await, 1);
}

/// Messages of a race.
const RACE: i64 = 400;

/// How the race stands: the last message that was started.
type Front = Arc<AtomicI64>;

/// Ends the race, also when a claim fails.
struct End<'a>(&'a Front);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.fetch_max(RACE, Relaxed);
    }
}

async fn claim_all(replica: &Replica, front: &Front) {
    let _end = End(front);
    loop {
        match replica.claim(1).await {
            ClaimResult::Started(started) => {
                front.fetch_max(started[0].id.0, Relaxed);
            }
            ClaimResult::Held(hold) => assert_eq!(hold.reason, HoldReason::Busy),
            ClaimResult::Empty { .. } => return,
        }
    }
}

/// Cancels what will start next; how many cancels were taken and refused.
async fn cancel_ahead(replica: &Replica, front: &Front) -> (usize, usize) {
    let (mut taken, mut refused) = (0, 0);
    loop {
        let id = front.load(Relaxed) + 1;
        if id > RACE {
            return (taken, refused);
        }
        match replica.decide(id, OperatorCommand::Cancel).await {
            Decided::Done(decision) => taken += usize::from(decision.changed),
            Decided::Refused(Refusal::InFlight) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
}

async fn a_cancel_wins_or_the_start_does(ordering: Ordering, period: Duration) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    Replica::of(&database).pace(1_000_000, period, ordering).await;
    enqueue(&sql, i32::try_from(RACE).unwrap()).await;
    let front = Front::default();
    let turn = AtomicUsize::new(0);
    let told = at_once(&database, |replica| {
        let (front, cancels) = (Arc::clone(&front), turn.fetch_add(1, Relaxed).is_multiple_of(2));
        async move {
            if cancels {
                return cancel_ahead(&replica, &front).await;
            }
            claim_all(&replica, &front).await;
            (0, 0)
        }
    })
    .await;
    let taken: usize = told.iter().map(|(taken, _)| taken).sum();
    let refused: usize = told.iter().map(|(_, refused)| refused).sum();
    println!("{ordering}: {taken} canceled, {refused} refused");
    assert!(taken > 0 && refused > 0, "no race: {taken} canceled, {refused} refused");
    let canceled = "SELECT count(*) FROM messages WHERE status = 'canceled' AND attempt = 0";
    let sending = "SELECT count(*) FROM messages WHERE status = 'sending' AND attempt = 1";
    let attempts = "SELECT count(*) FROM attempts";
    let (canceled, sending) = (count(&sql, canceled).await, count(&sql, sending).await);
    assert_eq!((canceled, sending), (i64::try_from(taken).unwrap(), RACE - canceled));
    assert_eq!(count(&sql, attempts).await, sending, "what was canceled never started");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn beside_the_control_row_a_cancel_wins_or_the_start_does() {
    a_cancel_wins_or_the_start_does(Ordering::None, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn through_the_control_row_a_cancel_wins_or_the_start_does() {
    a_cancel_wins_or_the_start_does(Ordering::Recipient, Duration::from_secs(3600)).await;
}

/// Parks `messages` messages; their leases.
async fn parked(sql: &Client, replica: &Replica, messages: i32) -> Vec<ClaimedMessage> {
    enqueue(sql, messages).await;
    let started = replica.start(u32::try_from(messages).unwrap()).await;
    let over = "UPDATE messages SET lease_until = dispatch_now() - interval '1 hour' \
                WHERE status = 'sending'";
    sql.execute(over, &[]).await.unwrap();
    let rescued = replica.messages.rescue_expired(Duration::ZERO, 10_000).await.unwrap();
    assert_eq!(rescued.len(), started.len());
    started
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_operators_with_contrary_wishes_one_decides() {
    let (database, sql, replica) = setting().await;
    parked(&sql, &replica, 100).await;
    let wishes = [SENT, OperatorCommand::ResolveNotSent];
    let turn = AtomicUsize::new(0);
    let told = at_once(&database, |replica| {
        let nth = turn.fetch_add(1, Relaxed);
        let wish = wishes[nth % 2].clone();
        async move {
            let mut changes = 0;
            for id in 1..=100 {
                changes += usize::from(changed(&replica.decide(id, wish.clone()).await));
            }
            (wish, changes)
        }
    })
    .await;
    let not_sent: usize =
        told.iter().filter(|(wish, _)| *wish != SENT).map(|(_, changes)| changes).sum();
    // Known to be sent wins over known not to be; each was said once.
    let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
    assert_eq!(count(&sql, sent).await, 100);
    let after_not_sent = "SELECT count(*) FROM messages WHERE unknown_outcomes = 0";
    assert_eq!(count(&sql, after_not_sent).await, i64::try_from(not_sent).unwrap());
    let sent: usize = told.iter().map(|(_, changes)| changes).sum::<usize>() - not_sent;
    assert_eq!(sent, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_many_requeue_is_requeued_once() {
    let (database, sql, replica) = setting().await;
    parked(&sql, &replica, 100).await;
    let changes = at_once(&database, |replica| async move {
        let mut changes = 0;
        for id in 1..=100 {
            changes += usize::from(changed(&replica.decide(id, FORCE).await));
        }
        changes
    });
    assert_eq!(changes.await.into_iter().sum::<usize>(), 100);
    let queued = "SELECT count(*) FROM messages WHERE status = 'queued' AND key_epoch = 0";
    assert_eq!(count(&sql, queued).await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn late_acceptance_wins_over_a_requeue_at_the_same_moment() {
    let (_database, sql, replica) = setting().await;
    for message in parked(&sql, &replica, 200).await {
        let (decided, _, ()) = tokio::join!(
            replica.decide(message.id.0, FORCE),
            replica.claim(1),
            replica.finish(&message)
        );
        // Too late, or in time and without effect.
        let too_late = matches!(decided, Decided::Refused(Refusal::WrongStatus { .. }));
        assert!(too_late || changed(&decided), "{decided:?}");
    }
    let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
    assert_eq!(count(&sql, sent).await, 200);
}
