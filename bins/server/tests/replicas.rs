//! Three replicas on one queue: one order and one pace, as if they were one.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Stage, fleet::Fleet, oracle::Books, order::assert_one_at_a_time};
use std::{collections::HashSet, time::Duration};

/// The provider holds its answers back so long: two sends at once would show.
const LATENCY: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_send_forty_messages_in_order_two_each_200_ms() {
    let books = sent_by_three_replicas(40, "2", "200ms").await;
    books.starts_keep_pace(2, Duration::from_millis(200));
    books.arrivals_keep_pace(2, Duration::from_millis(200));
    let senders: HashSet<_> = books.attempts.iter().map(|attempt| &attempt.instance).collect();
    assert!(senders.len() > 1, "one replica sent everything, so this showed nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_send_ten_messages_in_order_two_each_second() {
    let books = sent_by_three_replicas(10, "2", "1s").await;
    books.starts_keep_pace(2, Duration::from_secs(1));
    books.arrivals_keep_pace(2, Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_batch_begins_one_interval_after_the_last_answer() {
    let books = sent_by_three_replicas(12, "1", "200ms").await;
    let posts: Vec<_> = books.posts(LATENCY).into_iter().map(|(_, span)| span).collect();
    assert_one_at_a_time("all", &posts, Duration::from_millis(200));
}

/// Sends so many messages; the books, which balance.
async fn sent_by_three_replicas(
    count: usize,
    batch_size: &'static str,
    interval: &'static str,
) -> Books {
    let stage = Stage::set(Config { latency: LATENCY, ..Config::default() }).await;
    let settings = [("BATCH_SIZE", batch_size), ("PROCESSING_INTERVAL", interval)];
    let fleet = Fleet::start(&stage, 3, &settings).await;
    // Only now: the first replica may have sent all before the last has started.
    stage.insert(1, i32::try_from(count).expect("few")).await;
    stage.provider.wait_for_accepted(count, LIMIT).await.expect("all are sent");
    stage.until_all_are_final().await;
    fleet.end().await;
    let books = Books::of(&stage).await;
    books.balance(count);
    books.accepted_in_queue_order();
    let posts: Vec<_> = books.posts(LATENCY).into_iter().map(|(_, span)| span).collect();
    assert_one_at_a_time("all", &posts, Duration::ZERO);
    // No START was in vain: each is one POST, accepted.
    assert_eq!((books.attempts.len(), posts.len()), (count, count));
    books
}
