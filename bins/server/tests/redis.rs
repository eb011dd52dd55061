//! Redis beside the queue: what is written there, and that sending goes on
//! without it.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Stage, redis_world::World};
use dispatcher_testkit::wait_until;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// 24 hours, as the predecessor has it.
const DELIVERY: i64 = 86_400;
const RECEIPT: i64 = 7 * DELIVERY;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acceptance_is_written_for_display_and_as_a_receipt() {
    let world = World::start().await;
    world.send(1, 1).await;
    wait_until("it is written", LIMIT, async || {
        world.redis(&["EXISTS", "delivery:1"]).await == "1"
    })
    .await;
    let accepted = world.stage.provider.ledger().remove(0);
    let text = world.redis(&["GET", "delivery:1"]).await;
    let delivery: Value = serde_json::from_str(&text).expect("JSON");
    let timestamp = delivery["timestamp"].as_str().expect("a time");
    timestamp.parse::<Timestamp>().expect("RFC 3339");
    let expected =
        format!(r#"{{"message_id":"{}","timestamp":"{timestamp}"}}"#, accepted.message_id);
    assert_eq!(text, expected, "the predecessor's two fields and no other");
    let ttl = world.ttl("delivery:1").await;
    assert!((DELIVERY - 600..=DELIVERY).contains(&ttl), "{ttl} s");
    let key = format!("receipt:{}", accepted.idempotency_key.expect("a key"));
    let receipt: Value = serde_json::from_str(&world.redis(&["GET", &key]).await).expect("JSON");
    let sql = "SELECT lease_token::text FROM attempts";
    let token: String = world.stage.sql.query_one(sql, &[]).await.expect("an attempt").get(0);
    assert_eq!((&receipt["attempt"], &receipt["token"]), (&json!(1), &json!(token)));
    assert_eq!(receipt["message_id"], json!(accepted.message_id));
    let ttl = world.ttl(&key).await;
    assert!((RECEIPT - 600..=RECEIPT).contains(&ttl), "{ttl} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_when_the_cache_took_it_and_what_the_predecessor_wrote() {
    let world = World::start().await;
    world.send(1, 1).await;
    // A row and an entry as the Go service leaves them.
    let sql = "INSERT INTO messages (phone_number, content, sent) \
               VALUES ('+905550000002', 'message 2', TRUE)";
    world.stage.sql.execute(sql, &[]).await.expect("a row");
    let go = r#"{"message_id":"go-7","timestamp":"2026-10-02T12:00:00.123456789+03:00"}"#;
    world.redis(&["SET", "delivery:2", go, "EX", "86400"]).await;
    wait_until("both are listed with their times", LIMIT, async || {
        let (_, list) = world.replica.get("/api/messages/sent").await;
        list["total"] == 2 && list["messages"][0]["cached_at"].is_string()
    })
    .await;
    let list = world.replica.get("/api/messages/sent").await.1;
    assert_eq!(list["messages"][1]["message_id"], "go-7");
    assert_eq!(list["messages"][1]["cached_at"], "2026-10-02T09:00:00.123456789Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_goes_on_without_redis_and_writes_again_when_it_is_back() {
    let world = World::start().await;
    world.until_redis_is("healthy").await;
    world.send(1, 2).await;
    world.redis.kill().await.expect("it was running");
    world.until_redis_is("unhealthy").await;
    world.send(3, 5).await;
    let list = world.replica.get("/api/messages/sent").await;
    assert_eq!((list.0, &list.1["total"]), (200, &json!(7)));
    let id = &list.1["messages"][0]["message_id"];
    assert_eq!(id, &json!(world.stage.provider.ledger()[0].message_id), "the store has it as well");
    world.redis.start_again().await.expect("it starts again");
    world.until_redis_is("healthy").await;
    world.send(8, 2).await;
    wait_until("the new ones are written", LIMIT, async || {
        world.redis(&["EXISTS", "delivery:8", "delivery:9"]).await == "2"
    })
    .await;
    assert_eq!(world.redis(&["EXISTS", "delivery:3"]).await, "0", "a hint was lost, nothing else");
    assert_eq!(world.stage.provider.requests().len(), 9, "nothing was sent again");
}

/// The machine may run a Redis where one usually is, or none: both are well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_setting_names_a_redis_none_is_missed() {
    let stage = Stage::set(Config::default()).await;
    let replica = stage.replica(&[("REDIS_URL", ""), ("REDIS_TIMEOUT", "")]).await;
    stage.insert(1, 3).await;
    stage.until_all_are_final().await;
    let here = TcpStream::connect(("localhost", 6379)).await.is_ok();
    let word = if here { "healthy" } else { "unused" };
    let (status, health) = replica.get("/health").await;
    assert_eq!((status, &health["status"]), (200, &json!("healthy")), "{health}");
    assert_eq!(health["dependencies"]["redis"], word, "{health}");
    let log = replica.log();
    assert!(!log.contains("the delivery cache is down"), "{log}");
    assert!(here || log.contains("no Redis is set and none answers"), "{log}");
}
