//! Replicas killed at any moment: nothing is lost, nothing is sent twice, and
//! what is parked is what a killed replica had in flight.
//!
//! `CAMPAIGN_COUNT` kills for each ordering: half of them with a provider that
//! honours idempotency keys, half with one that ignores them.

use dispatcher_mock_provider::{Arrival, Behaviour, Config, Script};
use dispatcher_stage::{
    LIMIT, Stage, fleet::Fleet, leases::Unfinished, oracle::Books, over_both_stores, store::Store,
};
use dispatcher_testkit::{
    chance::{Dice, campaign_count},
    wait_until,
};
use std::{collections::HashMap, time::Duration};

/// Longer than a machine stalls: nothing is parked but what a kill left behind.
/// Nobody waits for the lease of a replica that was killed, see `bury`.
const PATIENCE: [(&str, &str); 3] =
    [("LEASE", "25s"), ("SEND_TIMEOUT", "20s"), ("RESCUE_GRACE", "0s")];

const STRICT: Way =
    Way { ordering: "strict", in_flight: 1, latency: Duration::from_millis(20), kills: 20 };
/// With so slow a provider the machine keeps up with eight in flight.
const RECIPIENT: Way =
    Way { ordering: "recipient", in_flight: 8, latency: Duration::from_millis(200), kills: 12 };
const NONE: Way = Way { ordering: "none", ..RECIPIENT };
/// Never so few are queued that a replica has nothing to do.
const QUEUED: i64 = 50;
/// Few, so that they meet.
const RECIPIENTS: i32 = 40;

over_both_stores!(
    kills_in_strict_order_with_a_provider_that_honours_keys,
    kills_in_strict_order_with_a_provider_that_ignores_keys,
    kills_one_at_a_time_to_each_with_a_provider_that_honours_keys,
    kills_one_at_a_time_to_each_with_a_provider_that_ignores_keys,
    kills_with_many_in_flight_and_a_provider_that_honours_keys,
    kills_with_many_in_flight_and_a_provider_that_ignores_keys,
);

async fn kills_in_strict_order_with_a_provider_that_honours_keys<S: Store>() {
    kills::<S>(&STRICT, Keys::Honoured).await.accepted_in_queue_order();
}

async fn kills_in_strict_order_with_a_provider_that_ignores_keys<S: Store>() {
    kills::<S>(&STRICT, Keys::Ignored).await.accepted_in_queue_order();
}

async fn kills_one_at_a_time_to_each_with_a_provider_that_honours_keys<S: Store>() {
    kills::<S>(&RECIPIENT, Keys::Honoured).await.accepted_in_order_per_recipient();
}

async fn kills_one_at_a_time_to_each_with_a_provider_that_ignores_keys<S: Store>() {
    kills::<S>(&RECIPIENT, Keys::Ignored).await.accepted_in_order_per_recipient();
}

async fn kills_with_many_in_flight_and_a_provider_that_honours_keys<S: Store>() {
    kills::<S>(&NONE, Keys::Honoured).await;
}

async fn kills_with_many_in_flight_and_a_provider_that_ignores_keys<S: Store>() {
    kills::<S>(&NONE, Keys::Ignored).await;
}

/// What is sent how.
struct Way {
    ordering: &'static str,
    /// Most sends in flight in one replica.
    in_flight: usize,
    latency: Duration,
    /// Kills, unless `CAMPAIGN_COUNT` says otherwise.
    kills: usize,
}

#[derive(Debug, PartialEq)]
enum Keys {
    Honoured,
    Ignored,
}

/// Kills replicas under load, then lets the rest finish; the books, which
/// balance and blame the killed ones for everything that is parked.
async fn kills<S: Store>(way: &Way, keys: Keys) -> Books {
    let mut dice = Dice::for_campaign(&format!("kills, {}, keys {keys:?}", way.ordering));
    let ignore_idempotency_key = keys == Keys::Ignored;
    let config = Config { latency: way.latency, ignore_idempotency_key, ..Config::default() };
    let stage = Stage::<S>::with(config).await;
    let mut stored = top_up(&stage, 0).await;
    let mut settings = PATIENCE.to_vec();
    settings.extend([("ORDERING", way.ordering), ("MAX_IN_FLIGHT", "8"), ("DB_POOL_SIZE", "4")]);
    let mut fleet = Fleet::start(&stage, 3, &settings).await;
    for kill in 0..campaign_count(way.kills.min(S::KILLS)).div_ceil(2) {
        let post = stage.post_to_come(&mut dice);
        stored = top_up(&stage, stored).await;
        bury(&stage, &fleet, "sends go on", async || stage.provider.requests().len() >= post).await;
        stage.random_moment(&mut dice, post).await;
        // Every second time one that is sending, and that cannot know how it ended.
        if kill % 2 == 0 {
            stage.provider.script(Script::always(Behaviour::Hold));
            // Until now everything may have been sent.
            stored = top_up(&stage, stored).await;
            let busy = sending(&stage, &fleet).await;
            fleet.kill(busy).await;
            stage.provider.script(Script::default());
        } else {
            fleet.kill(dice.below(fleet.size())).await;
        }
    }
    bury(&stage, &fleet, "no message is queued or being sent", async || {
        stage.count("queued").await + stage.count("sending").await == 0
    })
    .await;
    let killed = std::mem::take(&mut fleet.killed);
    fleet.end().await;
    let books = Books::of(&stage).await;
    books.balance(usize::try_from(stored).expect("not negative"));
    blame(&books, &killed, way.in_flight);
    books
}

/// Inserts when few are queued; how many were stored by now.
async fn top_up(stage: &Stage<impl Store>, stored: i32) -> i32 {
    const MORE: i32 = 100;
    if stage.count("queued").await >= QUEUED {
        return stored;
    }
    stage.insert_to(stored + 1, MORE, RECIPIENTS).await;
    stored + MORE
}

/// The place of a replica whose answer the provider holds.
async fn sending(stage: &Stage<impl Store>, fleet: &Fleet) -> usize {
    let mut place = None;
    bury(stage, fleet, "a send is under way", async || {
        let unfinished = stage.unfinished().await;
        let arrivals = stage.provider.requests();
        let held = |send: &&Unfinished| {
            let its = |post: &&Arrival| post.idempotency_key.as_ref() == Some(&send.key);
            let mut posts = arrivals.iter().filter(its);
            posts.any(|post| post.behaviour.as_deref() == Some("hold"))
        };
        // All that it has in flight: for the lease of what never arrives one has to wait.
        let all_held =
            |name: &str| unfinished.iter().filter(|it| it.instance == name).all(|it| held(&it));
        let mut names = unfinished.iter().filter(held).map(|send| send.instance.as_str());
        place = names.find_map(|name| fleet.place_of(name).filter(|_| all_held(name)));
        place.is_some()
    })
    .await;
    place.expect("one that runs")
}

/// Waits for this, and meanwhile for no lease of a replica that was killed.
async fn bury(
    stage: &Stage<impl Store>,
    fleet: &Fleet,
    what: &str,
    mut condition: impl AsyncFnMut() -> bool,
) {
    wait_until(what, LIMIT, async || {
        stage.end_leases_of(&fleet.killed).await;
        condition().await
    })
    .await;
}

/// Everything that is parked was in flight in a replica that was killed, and
/// no replica has more than `most` in flight.
fn blame(books: &Books, killed: &[String], most: usize) {
    let mut parked: HashMap<&str, usize> = killed.iter().map(|name| (name.as_str(), 0)).collect();
    for (message, attempt) in books.unconfirmed() {
        let count = parked.get_mut(attempt.instance.as_str());
        *count.unwrap_or_else(|| panic!("not killed, and parked {message:?}: {attempt:?}")) += 1;
        assert_eq!(attempt.outcome.as_deref(), Some("abandoned"), "{attempt:?}");
    }
    assert!(parked.values().all(|count| *count <= most), "more than {most}: {parked:?}");
    let (stored, kills) = (books.messages.len(), killed.len());
    let all: usize = parked.values().sum();
    println!("{stored} messages, {kills} kills, {all} parked");
    assert!(all >= kills.div_ceil(2), "every second kill met a send");
}
