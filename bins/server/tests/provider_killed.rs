//! The provider goes down in the middle of answers and comes back with its
//! ledger: nothing is sent twice, what nobody can know is parked, and the rest
//! follows in order.

use dispatcher_mock_provider::{Arrival, Behaviour, Config, MockProvider, Script, Step};
use dispatcher_stage::{LIMIT, Stage, fleet::Fleet, oracle::Books, over_both_stores, store::Store};
use dispatcher_testkit::{
    chance::{Dice, campaign_count},
    wait_until,
};
use std::{mem, time::Duration};

/// One at a time, and after a refused connection again before the next is due:
/// so order can be kept. Slow enough that an outage of a moment is not five
/// failures in a row, which would open the circuit breaker.
const SETTINGS: [(&str, &str); 4] = [
    ("BATCH_SIZE", "1"),
    ("PROCESSING_INTERVAL", "300ms"),
    ("RETRY_BASE", "100ms"),
    ("RETRY_CAP", "100ms"),
];
/// POSTs that reach the provider before it goes down, at most.
const POSTS: usize = 4;

/// A provider that answers a few POSTs, and accepts one more that it has not
/// answered when it goes down; how many that are.
fn few(dice: &mut Dice) -> (usize, Script) {
    // The first of them is answered, so failures do not add up over rounds.
    let answered = 1 + dice.below(POSTS - 1);
    let times = u32::try_from(answered).expect("few");
    (answered + 1, Script::of([Step::times(times, Behaviour::Accept)]).then(Behaviour::Hold))
}

over_both_stores!(a_provider_that_dies_in_mid_answer_costs_one_parked_message_and_no_second_sms,);

async fn a_provider_that_dies_in_mid_answer_costs_one_parked_message_and_no_second_sms<S: Store>() {
    let mut dice = Dice::for_campaign("provider killed");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger_file = Some(folder.path().join("ledger.jsonl"));
    let (mut posts, script) = few(&mut dice);
    let config = Config { script, ledger_file, ..Config::default() };
    let mut stage = Stage::<S>::with(config.clone()).await;
    let mut config = Config { port: stage.provider.addr().port(), ..config };
    let rounds = campaign_count(6);
    let stored = rounds * POSTS;
    stage.insert(1, i32::try_from(stored).expect("few")).await;
    let fleet = Fleet::start(&stage, 1, &SETTINGS).await;
    let mut arrivals = Vec::new();
    for round in 0..rounds {
        stage.provider.wait_for_requests(posts, LIMIT).await.expect("sends go on");
        stage.provider.stop().await;
        if round % 2 == 1 {
            a_refused_connection(&stage).await;
        }
        (posts, config.script) =
            if round + 1 < rounds { few(&mut dice) } else { Default::default() };
        arrivals.extend(restart(&mut stage, &config).await);
    }
    stage.until_all_are_final().await;
    fleet.end().await;
    let mut books = Books::of(&stage).await;
    books.arrivals = [arrivals, books.arrivals].concat();
    books.balance(stored);
    books.accepted_in_queue_order();
    books.starts_keep_pace(1, Duration::from_millis(300));
    parked_by_lost_answers(&books, rounds);
}

/// Waits until one more send meets a provider that is down.
async fn a_refused_connection(stage: &Stage<impl Store>) {
    let sql = "SELECT count(*) FROM attempts WHERE outcome = 'not_sent'";
    let count = async || stage.number(sql).await;
    let before = count().await;
    wait_until("a connection is refused", LIMIT, async || count().await > before).await;
}

/// Starts the provider again; what had arrived at the one before.
async fn restart(stage: &mut Stage<impl Store>, config: &Config) -> Vec<Arrival> {
    let mut next = None;
    // Anybody may have the port for a moment.
    wait_until("the provider has its port again", LIMIT, async || {
        next = MockProvider::start(config.clone()).await.ok();
        next.is_some()
    })
    .await;
    mem::replace(&mut stage.provider, next.expect("a provider")).requests()
}

/// One is parked per outage, whose send was accepted and cut off.
fn parked_by_lost_answers(books: &Books, rounds: usize) {
    let parked = books.unconfirmed();
    for (message, attempt) in &parked {
        assert_eq!(attempt.outcome.as_deref(), Some("unknown"), "{message:?}: {attempt:?}");
    }
    let refused = books.attempts.iter().filter(|a| a.outcome.as_deref() == Some("not_sent"));
    let (parked, refused, sent) = (parked.len(), refused.count(), books.ledger.len());
    println!("{rounds} outages, {parked} parked, {refused} refused, {sent} accepted");
    assert_eq!(parked, rounds, "one for each outage");
    assert!(rounds < 2 || refused > 0, "no send met an outage");
}
