//! Start, stop and restarts in every order and at any moment: pace and order
//! hold, a stop that has answered is a stop, and a drain parks nothing.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Replica, Stage, fleet::Fleet, oracle::Books, over_both_stores, store::Store,
};
use dispatcher_testkit::chance::{Dice, campaign_count};
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(200);
/// New messages before each storm, and again while sending is off.
const SOME: i32 = 3;

over_both_stores!(
    storms_break_neither_pace_nor_order_and_nothing_starts_after_a_stop,
    nothing_starts_after_a_stop_where_nothing_is_paced,
    sigterm_under_load_parks_nothing,
);

async fn storms_break_neither_pace_nor_order_and_nothing_starts_after_a_stop<S: Store>() {
    let settings = [("BATCH_SIZE", "2"), ("PROCESSING_INTERVAL", "200ms")];
    let books = storms::<S>("storms, strict", &settings).await;
    books.accepted_in_queue_order();
    books.starts_keep_pace(2, PERIOD);
    books.arrivals_keep_pace(2, PERIOD);
}

/// START takes another way there: it does not lock the control row.
async fn nothing_starts_after_a_stop_where_nothing_is_paced<S: Store>() {
    let settings = [("ORDERING", "none"), ("MAX_IN_FLIGHT", "4"), ("PROCESSING_INTERVAL", "0s")];
    storms::<S>("storms, unpaced", &settings).await;
}

async fn sigterm_under_load_parks_nothing<S: Store>() {
    let stage = stage::<S>().await;
    let mut dice = Dice::for_campaign("sigterm");
    let settings = [("ORDERING", "none"), ("MAX_IN_FLIGHT", "8"), ("PROCESSING_INTERVAL", "0s")];
    let mut fleet = Fleet::start(&stage, 3, &settings).await;
    let (mut stored, mut under_way) = (0, 0);
    for _ in 0..campaign_count(10) {
        let post = stage.post_to_come(&mut dice);
        stored = store(&stage, stored, 60).await;
        stage.random_moment(&mut dice, post).await;
        under_way += stage.count("sending").await;
        fleet.restart(dice.below(fleet.size())).await;
    }
    assert!(under_way > 0, "nothing was ever in flight, so this showed nothing");
    stage.until_all_are_final().await;
    fleet.end().await;
    all_sent(&stage, stored).await;
}

/// Rounds of storm, stop, silence and start; the books, which balance.
async fn storms<S: Store>(campaign: &str, settings: &[(&'static str, &'static str)]) -> Books {
    let stage = stage::<S>().await;
    let mut dice = Dice::for_campaign(campaign);
    let mut fleet = Fleet::start(&stage, 3, settings).await;
    let mut stored = 0;
    for round in 0..campaign_count(8) {
        stored = store(&stage, stored, SOME).await;
        storm(&fleet, &mut dice).await;
        let left = fleet.at(dice.below(fleet.size())).messaging("stop").await;
        assert_eq!(left, Some(0), "stop waits for what is in flight");
        stored = store(&stage, stored, SOME).await;
        let before = stage.begun().await;
        if round % 2 == 0 {
            fleet.restart(dice.below(fleet.size())).await;
        }
        // Longer than the period, and than replicas wait before they look.
        stage.let_pass(600).await;
        assert_eq!(stage.begun().await, before, "a stop that has answered is a stop");
        fleet.at(dice.below(fleet.size())).messaging("start").await;
        if dice.heads() {
            fleet.restart(dice.below(fleet.size())).await;
        }
    }
    stage.until_all_are_final().await;
    fleet.end().await;
    all_sent(&stage, stored).await
}

/// Inserts `count` messages; how many were stored by now.
async fn store(stage: &Stage<impl Store>, stored: i32, count: i32) -> i32 {
    stage.insert(stored + 1, count).await;
    stored + count
}

/// Starts and stops at random, by all replicas at once.
async fn storm(fleet: &Fleet, dice: &mut Dice) {
    let mut verbs = || [0; 3].map(|_| if dice.heads() { "start" } else { "stop" });
    tokio::join!(say(fleet.at(0), verbs()), say(fleet.at(1), verbs()), say(fleet.at(2), verbs()));
}

async fn say(replica: &Replica, verbs: [&str; 3]) {
    for verb in verbs {
        replica.messaging(verb).await;
    }
}

async fn stage<S: Store>() -> Stage<S> {
    let (latency, jitter) = (Duration::from_millis(50), Duration::from_millis(50));
    Stage::with(Config { latency, jitter, ..Config::default() }).await
}

/// The books, which say that every message was sent, and at the first try.
async fn all_sent(stage: &Stage<impl Store>, stored: i32) -> Books {
    let count = usize::try_from(stored).expect("not negative");
    stage.provider.wait_for_accepted(count, LIMIT).await.expect("all are sent");
    let books = Books::of(stage).await;
    books.balance(count);
    assert!(books.unconfirmed().is_empty(), "{:?}", books.unconfirmed());
    assert_eq!(books.arrivals.len(), count, "POSTs");
    books
}
