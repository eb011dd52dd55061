//! A provider that fails again and again: the circuit breaker keeps the queue
//! from being drained, over all replicas and restarts.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{LIMIT, Replica, Stage, over_both_stores, sql::Sql, store::Store};
use dispatcher_testkit::wait_until;
use serde_json::{Value, json};

const STORED: i32 = 20;
const OPENS: &str = "ALARM: circuit breaker opens";
const CLOSES: &str = "circuit breaker closes";

/// Twenty messages and a provider that always does this.
async fn stage<S: Store>(always: Behaviour) -> Stage<S> {
    let stage = Stage::<S>::with(Config::scripted(Script::always(always))).await;
    stage.insert(1, STORED).await;
    stage
}

/// `/health` is 200 all the same: a provider that fails is not our fault.
async fn dispatch(replica: &Replica) -> Value {
    replica.health().await["dispatch"].clone()
}

/// Until the breaker is open; why.
async fn until_open(replica: &Replica) -> Value {
    wait_until("the breaker opens", LIMIT, async || {
        dispatch(replica).await["circuit_breaker"] == "open"
    })
    .await;
    replica.program.wait_for_line(OPENS, LIMIT).await.expect("it says so");
    assert_eq!(replica.log().matches(OPENS).count(), 1);
    let dispatch = dispatch(replica).await;
    assert!(dispatch["circuit_breaker_until"].is_string(), "{dispatch}");
    assert!(dispatch["circuit_breaker_check"].is_string(), "{dispatch}");
    dispatch["circuit_breaker_reason"].clone()
}

/// Ends it; there is none any more.
async fn end(mut replica: Replica) -> Option<Replica> {
    assert!(replica.terminate().await.success(), "{}", replica.log());
    None
}

/// Nothing arrives any more, at a replica that starts now neither; beside the
/// first, or after it.
async fn all_wait<S: Store>(stage: &Stage<S>, first: Replica, posts: usize) {
    stage.keep_breaker_open().await;
    let _first = if S::PROCESSES > 1 { Some(first) } else { end(first).await };
    let second = stage.replica(&[]).await;
    assert_eq!(dispatch(&second).await["circuit_breaker"], "open", "it is shared");
    second.program.wait_for_line(OPENS, LIMIT).await.expect("each replica says so");
    stage.let_pass(800).await;
    assert_eq!(stage.provider.requests().len(), posts);
}

over_both_stores!(
    an_outage_parks_a_handful_and_not_the_queue,
    three_answers_in_a_row_without_an_id_open_it,
    a_provider_that_never_names_a_message_is_fine_if_the_operator_says_so,
    refusals_do_not_open_it,
    a_provider_that_cannot_be_reached_costs_no_message_and_no_try,
    when_its_time_is_over_one_probe_decides_and_all_go_on,
);

async fn an_outage_parks_a_handful_and_not_the_queue<S: Store>() {
    let stage = stage::<S>(Behaviour::status(503)).await;
    let replica = stage.replica(&[]).await;
    assert_eq!(until_open(&replica).await, json!("unknown_503"));
    all_wait(&stage, replica, 3).await;
    assert_eq!((stage.count("unconfirmed").await, stage.count("queued").await), (3, 17));
}

async fn three_answers_in_a_row_without_an_id_open_it<S: Store>() {
    let stage = stage::<S>(Behaviour::Garbage).await;
    let replica = stage.replica(&[]).await;
    assert_eq!(until_open(&replica).await, json!("receipt_malformed"));
    assert!(replica.log().contains("PROVIDER_EMPTY_OK=true"), "the alarm says what to do");
    all_wait(&stage, replica, 3).await;
    assert_eq!((stage.count("sent").await, stage.count("queued").await), (3, 17));
}

async fn a_provider_that_never_names_a_message_is_fine_if_the_operator_says_so<S: Store>() {
    let stage = stage::<S>(Behaviour::EmptyBody).await;
    let replica = stage.replica(&[("PROVIDER_EMPTY_OK", "true")]).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.count("sent").await, i64::from(STORED));
    assert_eq!(dispatch(&replica).await["circuit_breaker"], "closed");
    assert_eq!(stage.status(1).await, ("sent".into(), Some("receipt_malformed".into())));
}

async fn refusals_do_not_open_it<S: Store>() {
    let stage = stage::<S>(Behaviour::status(422)).await;
    let replica = stage.replica(&[]).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.count("failed").await, i64::from(STORED));
    assert_eq!(dispatch(&replica).await["circuit_breaker"], "closed");
}

async fn a_provider_that_cannot_be_reached_costs_no_message_and_no_try<S: Store>() {
    let stage = stage::<S>(Behaviour::Accept).await;
    stage.provider.stop().await;
    let replica = stage.replica(&[]).await;
    assert_eq!(until_open(&replica).await, json!("not_sent_connect_failed"));
    all_wait(&stage, replica, 0).await;
    assert_eq!(stage.count("queued").await, i64::from(STORED));
    let sql = "SELECT count(*) FROM messages WHERE tries_used > 0 OR unknown_outcomes > 0";
    assert_eq!(stage.number(sql).await, 0);
    let attempts = stage.number("SELECT count(*) FROM attempts").await;
    let messages = stage.number("SELECT count(DISTINCT message_id) FROM attempts").await;
    assert_eq!((attempts, messages), (5, 1), "the first message keeps its place");
}

async fn when_its_time_is_over_one_probe_decides_and_all_go_on<S: Store>() {
    let stage = stage::<S>(Behaviour::status(401)).await;
    let replica = stage.replica(&[]).await;
    assert_eq!(until_open(&replica).await, json!("misconfigured_401"));
    assert!(replica.log().contains("check SMS_API_TOKEN"), "the alarm says what to do");
    stage.provider.script(Script::always(Behaviour::Accept));
    // As if the time was over: it is 30 s.
    stage.run(&format!("UPDATE dispatch_control SET breaker_until = {}", S::Sql::NOW)).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.count("sent").await, i64::from(STORED));
    assert_eq!(dispatch(&replica).await["circuit_breaker"], "closed");
    replica.program.wait_for_line(CLOSES, LIMIT).await.expect("it says so");
    for line in [OPENS, CLOSES] {
        assert_eq!(replica.log().matches(line).count(), 1, "once: {line}");
    }
    let first = &stage.provider.requests()[1];
    assert_eq!(first.content.as_deref(), Some("message 1"), "it kept its place");
}
