//! One at a time to each recipient, many recipients at once, over all replicas.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    fleet::Fleet,
    oracle::Books,
    order::{Span, assert_one_at_a_time},
    over_both_stores,
    store::Store,
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

const RECIPIENTS: i32 = 20;
const EACH: i32 = 5;
/// The provider holds its answers back for at least so long.
const LATENCY: Duration = Duration::from_millis(40);

over_both_stores!(never_two_in_flight_to_one_recipient_and_each_gets_them_in_order,);

async fn never_two_in_flight_to_one_recipient_and_each_gets_them_in_order<S: Store>() {
    let jitter = Duration::from_millis(20);
    let stage = Stage::<S>::with(Config { latency: LATENCY, jitter, ..Config::default() }).await;
    stage.insert_to(1, RECIPIENTS * EACH, RECIPIENTS).await;
    let settings =
        [("ORDERING", "recipient"), ("MAX_IN_FLIGHT", "8"), ("PROCESSING_INTERVAL", "0s")];
    let fleet = Fleet::start(&stage, 3, &settings).await;
    let count = usize::try_from(RECIPIENTS * EACH).expect("a count");
    stage.provider.wait_for_accepted(count, LIMIT).await.expect("all are sent");
    stage.until_all_are_final().await;
    fleet.end().await;
    let books = Books::of(&stage).await;
    books.balance(count);
    books.accepted_in_order_per_recipient();
    let posts = books.posts(LATENCY);
    let mut by_recipient: HashMap<&str, Vec<Span>> = HashMap::new();
    for (to, span) in &posts {
        by_recipient.entry(to).or_default().push(*span);
    }
    assert_eq!(by_recipient.len(), usize::try_from(RECIPIENTS).expect("a count"));
    for (to, spans) in by_recipient {
        assert_one_at_a_time(to, &spans, Duration::ZERO);
    }
    let most = most_at_once(&posts);
    println!("{count} messages, up to {most} at once");
    assert!(most > 2, "one after the other, so this showed nothing");
}

fn most_at_once(spans: &[(String, Span)]) -> usize {
    let at = |moment: Timestamp| {
        spans.iter().filter(|(_, (from, to))| *from <= moment && moment < *to).count()
    };
    spans.iter().map(|(_, (from, _))| at(*from)).max().unwrap_or(0)
}
