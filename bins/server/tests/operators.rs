//! What operators decide, over REST, while two replicas send.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{
    LIMIT, Replica, Stage, fleet::Fleet, over_both_stores, sql::Sql, store::Store,
};
use dispatcher_testkit::wait_until;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;

/// POSTs a command about a message: status and JSON.
async fn command(replica: &Replica, id: i64, verb: &str, body: Value) -> (u16, Value) {
    replica.post(&format!("/api/messages/{id}/{verb}"), &body).await
}

async fn list(replica: &Replica, status: &str) -> Vec<Value> {
    let (code, list) = replica.get(&format!("/api/messages?status={status}")).await;
    assert_eq!(code, 200, "{list}");
    list["messages"].as_array().expect("a list").clone()
}

async fn until(stage: &Stage<impl Store>, status: &str, count: i64) {
    let what = format!("{count} are {status}");
    wait_until(&what, LIMIT, async || stage.count(status).await == count).await;
}

async fn stage<S: Store>(script: impl IntoIterator<Item = Behaviour>) -> Stage<S> {
    let script = script.into_iter().chain([Behaviour::Accept]).collect::<Vec<_>>();
    Stage::with(Config { script: Script::of(script), ..Config::default() }).await
}

/// The keys that the provider accepted, in that order.
fn accepted(stage: &Stage<impl Store>) -> Vec<String> {
    let ledger = stage.provider.ledger();
    ledger.into_iter().map(|entry| entry.idempotency_key.expect("a key")).collect()
}

over_both_stores!(
    parked_messages_are_listed_resolved_either_way_and_sent_once,
    a_dead_letter_is_requeued_and_sent_under_a_new_key,
    a_scheduled_message_that_is_canceled_is_never_sent,
    what_is_canceled_while_replicas_send_is_never_sent_and_the_rest_is_once,
);

async fn parked_messages_are_listed_resolved_either_way_and_sent_once<S: Store>() {
    let stage = stage::<S>([Behaviour::DropAfterAccept, Behaviour::DropBeforeAccept]).await;
    stage.insert(1, 2).await;
    let fleet = Fleet::start(&stage, 2, &[]).await;
    let (one, two) = (fleet.at(0), fleet.at(1));
    until(&stage, "unconfirmed", 2).await;

    let parked = list(one, "unconfirmed").await;
    let told: Vec<_> = parked.iter().map(|it| (&it["id"], &it["status_reason"])).collect();
    let lost = json!("unknown_connection_lost");
    assert_eq!(told, [(&json!(1), &lost), (&json!(2), &lost)]);
    // With the key the operator asks the provider, who has one of the two.
    assert_eq!(accepted(&stage), [parked[0]["idempotency_key"].as_str().expect("a key")]);
    let message_id = stage.provider.ledger()[0].message_id.clone();

    let body = json!({"outcome": "sent", "message_id": message_id, "attempt": 1});
    let (code, told) = command(one, 1, "resolve", body.clone()).await;
    assert_eq!((code, &told["status"], &told["changed"]), (200, &json!("sent"), &json!(true)));
    let (code, told) = command(two, 1, "resolve", body).await;
    assert_eq!((code, &told["changed"]), (200, &json!(false)), "twice is as once");
    assert_eq!(two.get("/api/messages/sent").await.1["messages"][0]["message_id"], message_id);

    assert_eq!(command(two, 2, "requeue", json!({})).await.1["code"], "maybe_sent");
    let (code, told) = command(two, 2, "resolve", json!({"outcome": "not_sent"})).await;
    assert_eq!(
        (code, &told["status"], &told["maybe_sent"]),
        (200, &json!("failed"), &json!(false))
    );
    let (code, told) = command(one, 2, "requeue", json!({"attempt": 1})).await;
    assert_eq!((code, &told["status"]), (200, &json!("queued")));
    until(&stage, "sent", 2).await;
    assert_eq!(accepted(&stage)[1..], [told["idempotency_key"].as_str().expect("a key")]);
    assert_eq!(list(two, "unconfirmed").await, [] as [Value; 0]);

    let log = fleet.end().await;
    assert_eq!(log.matches("an operator decided").count(), 4, "a trace of each: {log}");
    assert!(!log.contains("+90555"), "no number in the log");
}

async fn a_dead_letter_is_requeued_and_sent_under_a_new_key<S: Store>() {
    let stage = stage::<S>([Behaviour::status(422)]).await;
    stage.insert(1, 1).await;
    let fleet = Fleet::start(&stage, 2, &[]).await;
    let (one, two) = (fleet.at(0), fleet.at(1));
    until(&stage, "failed", 1).await;
    let letter = &list(one, "failed").await[0];
    assert_eq!((&letter["id"], &letter["status_reason"]), (&json!(1), &json!("refused_422")));
    let (code, told) = command(two, 1, "requeue", json!({})).await;
    assert_eq!((code, &told["was"]), (200, &json!("failed")));
    until(&stage, "sent", 1).await;
    let message = one.get("/api/messages/1").await.1;
    let attempts = message["attempts"].as_array().expect("attempts");
    let outcomes: Vec<_> = attempts.iter().map(|attempt| &attempt["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "accepted"]);
    let keys: Vec<_> = attempts.iter().map(|attempt| &attempt["idempotency_key"]).collect();
    assert_ne!(keys[0], keys[1]);
    assert_eq!((keys[1], &told["idempotency_key"]), (&json!(accepted(&stage)[0]), keys[1]));
    assert_eq!(command(one, 1, "requeue", json!({"force": true})).await.0, 409, "it was sent");
}

async fn a_scheduled_message_that_is_canceled_is_never_sent<S: Store>() {
    let stage = stage::<S>([]).await;
    stage.insert(1, 2).await;
    let an_hour_each = S::Sql::after(S::Sql::NOW, "3600 * id");
    stage.run(&format!("UPDATE messages SET not_before = {an_hour_each}")).await;
    let fleet = Fleet::start(&stage, 2, &[]).await;
    let one = fleet.at(0);
    let (code, told) = command(one, 1, "cancel", json!({})).await;
    assert_eq!((code, &told["status"]), (200, &json!("canceled")));
    // Both fall due, one after the other.
    let due = S::Sql::after(S::Sql::NOW, "id - 3");
    stage.run(&format!("UPDATE messages SET not_before = {due}")).await;
    until(&stage, "sent", 1).await;
    let arrived: Vec<_> = stage.provider.requests().into_iter().map(|post| post.content).collect();
    assert_eq!(arrived, [Some("message 2".to_owned())]);
    let reason = Some("canceled_by_operator".to_owned());
    assert_eq!(stage.status(1).await, ("canceled".to_owned(), reason));
}

const RACE: i32 = 200;

/// Cancels the last of the queue first, while replicas send the first of it;
/// those that were canceled.
async fn cancel_from_the_end(replica: &Replica, nth: i64) -> Vec<i64> {
    let mut canceled = vec![];
    for id in (1..=i64::from(RACE)).rev().filter(|id| id % 4 == nth) {
        let (code, told) = command(replica, id, "cancel", json!({})).await;
        match code {
            200 => canceled.push(id),
            409 => assert_ne!(told["code"], "outdated", "{told}"),
            _ => panic!("{code} {told}"),
        }
    }
    canceled
}

async fn what_is_canceled_while_replicas_send_is_never_sent_and_the_rest_is_once<S: Store>() {
    let stage = stage::<S>([]).await;
    let settings = [("ORDERING", "none"), ("MAX_IN_FLIGHT", "8")];
    let fleet = Fleet::start(&stage, 2, &settings).await;
    let (one, two) = (fleet.at(0), fleet.at(1));
    one.messaging("stop").await;
    stage.insert(1, RACE).await;
    one.messaging("start").await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("sends begin");
    let cancel = |nth| cancel_from_the_end(if nth < 2 { one } else { two }, nth);
    let canceled = join_all((0..4).map(cancel)).await;
    let canceled: HashSet<String> =
        canceled.concat().iter().map(|id| format!("message {id}")).collect();
    let count = i64::try_from(canceled.len()).expect("a count");
    println!("{count} of {RACE} canceled");
    assert!(count > 0 && count < i64::from(RACE), "no race: {count} canceled");
    until(&stage, "sent", i64::from(RACE) - count).await;
    assert_eq!(stage.count("canceled").await, count);
    let posts = stage.provider.requests();
    let texts: HashSet<String> = posts.iter().filter_map(|post| post.content.clone()).collect();
    assert_eq!((posts.len(), texts.len()), (texts.len(), RACE as usize - canceled.len()));
    assert!(texts.is_disjoint(&canceled), "canceled, and sent all the same");
}
