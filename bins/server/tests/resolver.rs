//! What becomes of messages in doubt: by receipt, by the provider's word, or
//! by policy, with real servers and a provider whose ledger tells the truth.

use dispatcher_mock_provider::{Config, Outcome, Script};
use dispatcher_stage::{LIMIT, Stage, over_both_stores, sql::Sql, store::Store};
use dispatcher_testkit::{TestRedis, wait_until};
use std::collections::HashMap;

type Settings<'a> = &'a [(&'a str, &'a str)];

/// Resends and looks come soon.
const SOON: [(&str, &str); 2] = [("RETRY_BASE", "100ms"), ("RETRY_CAP", "100ms")];
const IDEMPOTENT: (&str, &str) = ("PROVIDER_IDEMPOTENT", "true");
const AT_LEAST_ONCE: (&str, &str) = ("DELIVERY_POLICY", "at_least_once");

fn scripted(script: &str) -> Config {
    Config::scripted(script.parse::<Script>().expect("a script"))
}

fn soon<'a>(more: Settings<'a>) -> Vec<(&'a str, &'a str)> {
    [&SOON[..], more].concat()
}

/// On PostgreSQL alone, where a row can be locked; `sqlite_writers` locks a file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_receipt_and_completion_costs_no_second_post() {
    let redis = TestRedis::start().await.expect("a Redis");
    let mut stage = Stage::set(scripted("then hold")).await;
    stage.insert(1, 1).await;
    let settings = [("REDIS_URL", redis.url()), ("RESCUE_GRACE", "0s")];
    let replica = stage.replica(&settings).await;
    stage.provider.wait_for_accepted(1, LIMIT).await.expect("it is sent");
    // Nobody can record how that ended, except in Redis.
    let lock = stage.store.sql.transaction().await.expect("a transaction");
    lock.execute("SELECT FROM messages FOR UPDATE", &[]).await.expect("a lock");
    stage.provider.script(Script::default());
    let key = stage.provider.ledger()[0].idempotency_key.clone().expect("a key");
    let receipt = format!("receipt:{key}");
    wait_until("the receipt is written", LIMIT, async || {
        redis.command(&["EXISTS", &receipt]).await.expect("an answer") == "1"
    })
    .await;
    replica.kill().await;
    lock.rollback().await.expect("the lock is gone");
    stage.end_every_lease().await;
    let _next = stage.replica(&settings).await;
    stage.until(1, "sent", Some("receipt")).await;
    assert_eq!(stage.posts(), (1, 1));
    let sql = "SELECT m.provider_message_id = a.provider_message_id AND a.outcome = 'accepted' \
               FROM messages m JOIN attempts a ON a.message_uuid = m.uuid";
    stage.until_true("the attempt tells the same", sql).await;
}

over_both_stores!(
    a_provider_that_can_be_asked_tells_what_it_accepted,
    a_provider_that_does_not_know_it_is_no_leave_to_send_it_again,
    at_most_once_never_posts_again,
    an_idempotent_provider_gets_the_same_key_again_and_sends_one_sms,
    nothing_is_repeated_once_the_key_may_be_forgotten,
    a_resend_that_was_held_up_beyond_the_key_window_does_not_start,
    at_least_once_accepts_no_more_than_one_above_the_unknown_outcomes,
    a_message_whose_tries_are_used_up_fails_and_says_that_it_may_have_been_sent,
    three_hundred_parked_messages_starve_no_other,
);

async fn a_provider_that_can_be_asked_tells_what_it_accepted<S: Store>() {
    let stage = Stage::<S>::with(scripted("drop-after, accept")).await;
    stage.insert(1, 2).await;
    let look_up = stage.provider.look_up_url();
    let _replica = stage.replica(&soon(&[("PROVIDER_LOOKUP_URL", &look_up)])).await;
    stage.until(1, "sent", Some("look_up")).await;
    stage.until(2, "sent", None).await;
    assert_eq!(stage.posts(), (2, 2));
}

async fn a_provider_that_does_not_know_it_is_no_leave_to_send_it_again<S: Store>() {
    let stage = Stage::<S>::with(scripted("drop-before, accept")).await;
    stage.insert(1, 1).await;
    let look_up = stage.provider.look_up_url();
    let _replica = stage.replica(&soon(&[("PROVIDER_LOOKUP_URL", &look_up)])).await;
    stage.until(1, "unconfirmed", Some("not_known_by_provider")).await;
    stage.until_true("it was looked at again", "SELECT probes > 3 FROM messages").await;
    assert_eq!(stage.posts(), (1, 0));
}

async fn at_most_once_never_posts_again<S: Store>() {
    let stage = Stage::<S>::with(scripted("drop-after, status=500, accept")).await;
    stage.insert(1, 3).await;
    let _replica = stage.replica(&soon(&[])).await;
    stage.until(3, "sent", None).await;
    stage.until_true("all were looked at again", "SELECT max(probes) > 3 FROM messages").await;
    assert_eq!(stage.count("unconfirmed").await, 2);
    assert_eq!(stage.posts(), (3, 2));
}

async fn an_idempotent_provider_gets_the_same_key_again_and_sends_one_sms<S: Store>() {
    // It accepts and does not answer; then it says that our key is in use; then it answers.
    let stage = Stage::<S>::with(scripted("drop-after, status=409, accept")).await;
    stage.insert(1, 1).await;
    let _replica = stage.replica(&soon(&[IDEMPOTENT])).await;
    stage.until(1, "sent", None).await;
    assert_eq!(stage.posts(), (3, 1));
    let requests = stage.provider.requests();
    assert!(requests.iter().all(|it| it.idempotency_key == requests[0].idempotency_key));
    assert_eq!(requests[2].outcome, Outcome::Replayed);
    let counted = "SELECT unknown_outcomes = 2 AND tries_used = 2 AND attempt = 3 FROM messages";
    stage.until_true("two unknown outcomes were counted", counted).await;
}

async fn nothing_is_repeated_once_the_key_may_be_forgotten<S: Store>() {
    // A POST may take a lease to arrive, and the key lives no longer.
    let stage = Stage::<S>::with(scripted("drop-after, accept")).await;
    stage.insert(1, 1).await;
    let window = [IDEMPOTENT, ("LEASE", "10m"), ("PROVIDER_KEY_WINDOW", "10m")];
    let _replica = stage.replica(&soon(&window)).await;
    stage.until(1, "unconfirmed", Some("key_window_over")).await;
    stage.until_true("it was looked at again", "SELECT probes > 3 FROM messages").await;
    assert_eq!(stage.posts(), (1, 1));
}

async fn a_resend_that_was_held_up_beyond_the_key_window_does_not_start<S: Store>() {
    let stage = Stage::<S>::with(scripted("drop-after, accept")).await;
    stage.insert(1, 1).await;
    // So late that nothing is repeated by itself here.
    let retry = [IDEMPOTENT, ("RETRY_BASE", "720h"), ("RETRY_CAP", "720h")];
    let replica = stage.replica(&retry).await;
    stage.until(1, "queued", Some("resend")).await;
    replica.messaging("stop").await;
    let now = S::Sql::NOW;
    let limited = format!("SELECT resend_until > {now} FROM messages");
    assert!(stage.holds(&limited).await, "it has a limit");
    // As if the window had passed since.
    stage.run(&format!("UPDATE messages SET resend_until = {now}, not_before = NULL")).await;
    replica.messaging("start").await;
    stage.until(1, "unconfirmed", Some("key_window_over")).await;
    assert_eq!(stage.posts(), (1, 1));
}

async fn at_least_once_accepts_no_more_than_one_above_the_unknown_outcomes<S: Store>() {
    let script = "drop-after, accept, drop-before, drop-after, accept, accept-with=500, accept";
    let config = Config { ignore_idempotency_key: true, ..scripted(script) };
    let stage = Stage::<S>::with(config).await;
    stage.insert(1, 4).await;
    let _replica = stage.replica(&soon(&[AT_LEAST_ONCE])).await;
    wait_until("all are sent", LIMIT, async || stage.count("sent").await == 4).await;
    let mut accepted: HashMap<String, i32> = HashMap::new();
    for entry in stage.provider.ledger() {
        *accepted.entry(entry.content).or_default() += 1;
    }
    let sql = "SELECT content, unknown_outcomes FROM messages";
    let mut unknown = 0;
    for row in stage.rows(sql).await {
        let (content, outcomes): (String, i32) = (row.get("content"), row.get("unknown_outcomes"));
        let accepted = accepted[&content];
        assert!((1..=outcomes + 1).contains(&accepted), "{content}: {accepted} for {outcomes}");
        unknown += outcomes;
    }
    assert_eq!(unknown, 4, "each of them counted");
}

async fn a_message_whose_tries_are_used_up_fails_and_says_that_it_may_have_been_sent<S: Store>() {
    let redis = TestRedis::start().await.expect("a Redis");
    let stage = Stage::<S>::with(scripted("drop-before, drop-after, accept")).await;
    stage.insert(1, 1).await;
    let few = [AT_LEAST_ONCE, ("RETRY_MAX_TRIES", "2"), ("REDIS_URL", redis.url())];
    let replica = stage.replica(&soon(&few)).await;
    stage.until(1, "failed", Some("tries_used_up")).await;
    assert_eq!(stage.posts(), (2, 1));
    let (_, message) = replica.get("/api/messages/1").await;
    assert_eq!(message["maybe_sent"], true, "{message}");
}

async fn three_hundred_parked_messages_starve_no_other<S: Store>() {
    let stage = Stage::<S>::with(scripted("drop-after, accept")).await;
    let parked: Vec<String> =
        (1..=300).map(|n| format!("('+90555{n:07}', 'parked', 'unconfirmed', NULL, 1)")).collect();
    let columns = "phone_number, content, status, sent, attempt";
    stage.run(&format!("INSERT INTO messages ({columns}) VALUES {}", parked.join(", "))).await;
    let look_up = stage.provider.look_up_url();
    let _replica = stage.replica(&soon(&[("PROVIDER_LOOKUP_URL", &look_up)])).await;
    stage.insert(1, 1).await;
    stage.until(301, "sent", Some("look_up")).await;
    let all = "SELECT count(*) = 300 FROM messages \
               WHERE content = 'parked' AND status = 'unconfirmed' AND probes > 0";
    stage.until_true("each of the others was looked at", all).await;
    assert_eq!(stage.posts(), (1, 1));
}
