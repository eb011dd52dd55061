//! The primary dies and its synchronous standby takes its place: the servers
//! follow by themselves, and what was stored is sent once.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Stage, fleet::Fleet, oracle::Books, paired::Paired};
use dispatcher_testkit::wait_until;
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(100);
/// One after the other, so that it is known what is under way; and a short
/// time-out of the database, as every one that waits for the standby lasts so
/// long.
const SETTINGS: [(&str, &str); 5] = [
    ("BATCH_SIZE", "2"),
    ("PROCESSING_INTERVAL", "100ms"),
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("DB_TIMEOUT", "2s"),
];
const FOLLOWS: &str = "another PostgreSQL server takes writes now: following it";

/// Three replicas before two servers, and a provider that knows no keys: a
/// second SMS would show.
async fn setting() -> (Stage<Paired>, Fleet) {
    let config = Config {
        latency: Duration::from_millis(10),
        ignore_idempotency_key: true,
        ..Config::default()
    };
    let stage = Stage::<Paired>::with(config).await;
    let fleet = Fleet::start(&stage, 3, &SETTINGS).await;
    (stage, fleet)
}

/// Each was sent once and in order, nothing is or was in doubt, and the pace was
/// kept.
async fn all_are_sent_once(stage: &Stage<Paired>, stored: usize) {
    stage.until_all_are_final().await;
    let books = Books::of(stage).await;
    books.balance(stored);
    assert_eq!(books.doubts(&[]).violations, [""; 0]);
    assert_eq!(books.arrivals.len(), stored, "POSTs");
    books.accepted_in_queue_order();
    books.starts_keep_pace(2, PERIOD);
    books.arrivals_keep_pace(2, PERIOD);
}

async fn until_posted(stage: &Stage<Paired>, posts: usize) {
    stage.provider.wait_for_requests(posts, LIMIT).await.expect("sends go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_follow_to_the_standby_and_back_and_send_everything_once() {
    let (stage, fleet) = setting().await;
    stage.insert(1, 60).await;
    until_posted(&stage, 15).await;
    stage.fail_over().await;
    until_posted(&stage, 20).await;
    stage.rebuild().await;
    stage.insert(61, 60).await;
    until_posted(&stage, 75).await;
    stage.fail_over().await;
    assert!(stage.provider.requests().len() < 120, "all was sent before, so this showed nothing");
    all_are_sent_once(&stage, 120).await;
    // To the other server, and back.
    for place in 0..fleet.size() {
        fleet.at(place).until_logged(FOLLOWS, 2).await;
        fleet.at(place).health().await;
    }
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_the_standby_never_had_leads_to_no_post_even_if_somebody_ends_the_wait() {
    let (stage, _fleet) = setting().await;
    stage.insert(1, 40).await;
    until_posted(&stage, 5).await;
    stage.pair.kill_standby().await.expect("it dies");
    let mut before = stage.begun().await;
    wait_until("all that was started is POSTed, and the next waits", LIMIT, async || {
        before = stage.begun().await;
        before.starts == i64::try_from(before.posts).expect("few")
            && stage.pair.waits().await.expect("an answer") > 0
    })
    .await;
    wait_until("a START is committed that the standby never had", LIMIT, async || {
        stage.cancel_waits().await;
        stage.begun().await.starts > before.starts
    })
    .await;
    // Longer than a replica that believed it would take for the POST.
    stage.let_pass(1_000).await;
    assert_eq!(stage.begun().await.posts, before.posts, "a POST that nobody may know of");
    assert!(before.posts < 40, "all was sent before, so this showed nothing");
    // What only the primary knew is gone now.
    stage.pair.kill_primary().await.expect("the primary dies");
    stage.pair.start_standby().await.expect("the standby comes back");
    stage.pair.promote().await.expect("and is promoted");
    all_are_sent_once(&stage, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_standby_is_away_no_send_starts_and_all_go_on_when_it_is_back() {
    let (stage, fleet) = setting().await;
    stage.insert(1, 40).await;
    until_posted(&stage, 5).await;
    stage.pair.kill_standby().await.expect("it dies");
    // What has begun is POSTed; and every call of the three has run into its time-out.
    stage.let_pass(3_000).await;
    let before = stage.provider.requests().len();
    stage.let_pass(1_000).await;
    assert_eq!(stage.provider.requests().len(), before, "a send started without the standby");
    assert!(before < 40, "all was sent before, so this showed nothing");
    stage.pair.start_standby().await.expect("it comes back");
    all_are_sent_once(&stage, 40).await;
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_primary_that_comes_back_by_itself_gets_no_send_started() {
    let (stage, mut fleet) = setting().await;
    stage.insert(1, 40).await;
    until_posted(&stage, 5).await;
    stage.fail_over().await;
    stage.pair.revive().await.expect("it comes back");
    // It asks the old primary first, which takes writes, but confirms none.
    fleet.hire().await;
    let newest = fleet.size() - 1;
    wait_until("a COMMIT waits on the old primary", LIMIT, async || {
        let waits = stage.pair.waits_of_the_old().await.expect("an answer");
        waits > 0
    })
    .await;
    stage.provider.wait_for_accepted(40, LIMIT).await.expect("the others go on");
    assert_eq!(stage.starts_of("replica-4").await, 0);
    stage.pair.kill_standby().await.expect("it dies again");
    stage.rebuild().await;
    fleet.at(newest).health().await;
    fleet.at(newest).until_logged(FOLLOWS, 1).await;
    all_are_sent_once(&stage, 40).await;
    fleet.end().await;
}
