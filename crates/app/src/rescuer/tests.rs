//! Over a mock where the number of calls counts, over the memory store else.

use super::*;
use crate::testing::{Logged, ManualClock, millis, seconds, unavailable, within};
use dispatcher_domain::{
    ClaimRequest, InstanceName, LeaseToken, MessageId, MessageLimits, Status,
    ports::MockMessageRepo,
};
use dispatcher_memory::MemoryStore;
use std::sync::Mutex;

const GRACE: Duration = Duration::from_secs(30);

fn rescuer(repo: impl MessageRepo + 'static, clock: &Arc<ManualClock>, lease: Duration) -> Rescuer {
    Rescuer::new(Arc::new(repo), Arc::clone(clock) as Arc<dyn Clock>, lease, GRACE)
}

fn rescued(count: i64) -> Vec<Rescued> {
    (1..=count).map(|id| Rescued { id: MessageId(id), attempt: 1 }).collect()
}

/// Each look finds nothing; when they were.
fn watched(clock: &Arc<ManualClock>) -> (MockMessageRepo, Arc<Mutex<Vec<Duration>>>) {
    let looks = Arc::new(Mutex::new(Vec::new()));
    let (seen, clock) = (Arc::clone(&looks), Arc::clone(clock));
    let mut repo = MockMessageRepo::new();
    repo.expect_rescue_expired().returning(move |_, _| {
        let mut seen = seen.lock().unwrap();
        seen.push(clock.monotonic());
        // The second look fails: the next one comes all the same.
        if seen.len() == 2 { Err(unavailable()) } else { Ok(vec![]) }
    });
    (repo, looks)
}

#[tokio::test(start_paused = true)]
async fn a_full_answer_is_followed_by_the_next_question_at_once() {
    let mut repo = MockMessageRepo::new();
    let asked = |grace: &Duration, limit: &u32| *grace == GRACE && *limit == 100;
    for found in [100, 100, 3] {
        let call = repo.expect_rescue_expired().withf(asked).times(1);
        call.returning(move |_, _| Ok(rescued(found)));
    }
    let clock = ManualClock::new();
    let logged = Logged::here();
    let total = rescuer(repo, &clock, seconds(60)).run_once().await.unwrap();
    assert_eq!((total, clock.monotonic()), (203, Duration::ZERO));
    let lines = logged.lines();
    assert_eq!(lines.len(), 203, "each has a line of its own");
    let line = "WARN the owner of a message vanished during its send: unconfirmed id=3 attempt=1";
    assert_eq!(lines[202], line);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_passed_on() {
    let mut repo = MockMessageRepo::new();
    repo.expect_rescue_expired().times(1).returning(|_, _| Ok(rescued(100)));
    repo.expect_rescue_expired().times(1).returning(|_, _| Err(unavailable()));
    let answer = rescuer(repo, &ManualClock::new(), seconds(60)).run_once().await;
    assert!(answer.unwrap_err().is_transient());
}

#[tokio::test(start_paused = true)]
async fn it_looks_six_times_a_lease_but_neither_too_often_nor_too_rarely() {
    for (lease, every) in [
        (millis(100), seconds(1)),
        (seconds(30), seconds(5)),
        (seconds(60), seconds(10)),
        (seconds(86_400), seconds(10)),
    ] {
        let clock = ManualClock::new();
        let (repo, looks) = watched(&clock);
        let (_switch, drain) = Drain::new();
        tokio::select! {
            () = rescuer(repo, &clock, lease).run(drain) => panic!("no drain was requested"),
            () = clock.sleep(every * 4 - millis(1)) => {}
        }
        assert_eq!(*looks.lock().unwrap(), [0, 1, 2, 3].map(|n| every * n));
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_it_without_another_look() {
    let clock = ManualClock::new();
    let (repo, looks) = watched(&clock);
    let (switch, drain) = Drain::new();
    let running = tokio::spawn(rescuer(repo, &clock, seconds(60)).run(drain));
    clock.sleep(seconds(25)).await;
    switch.request();
    within("its end", running).await.unwrap();
    assert_eq!((looks.lock().unwrap().len(), clock.monotonic()), (3, seconds(25)));
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_owner_vanished_is_parked_after_lease_and_grace() {
    let clock = ManualClock::new();
    let store_clock = Arc::clone(&clock);
    let store = MemoryStore::new(move || store_clock.wall());
    let id = store.insert_unchecked("+905551234567", "Hello");
    let request = ClaimRequest {
        want: 1,
        token: LeaseToken(uuid::Uuid::from_u128(1)),
        lease: seconds(60),
        instance: InstanceName::new("vanished"),
        limits: MessageLimits::default(),
    };
    store.claim_due(&request).await.unwrap();
    let rescuer = rescuer(store.clone(), &clock, seconds(60));
    clock.sleep(seconds(60) + GRACE).await;
    assert_eq!(rescuer.run_once().await.unwrap(), 0);
    clock.sleep(millis(1)).await;
    assert_eq!(rescuer.run_once().await.unwrap(), 1);
    assert_eq!(store.edit(id, |row| row.status), Some(Status::Unconfirmed));
}
