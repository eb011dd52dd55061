//! From a row in the table to an SMS: the real server, once through.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Stage, over_both_stores, store::Store};
use serde_json::json;

over_both_stores!(a_row_written_by_sql_and_one_by_the_api_are_sent_and_listed,);

async fn a_row_written_by_sql_and_one_by_the_api_are_sent_and_listed<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    stage.insert(1, 1).await;
    let replica = stage.replica(&[]).await;
    let message = json!({"phone_number": "+905551234567", "content": "Hello"});
    let (status, stored) = replica.post("/api/messages", &message).await;
    assert_eq!((status, &stored["status"]), (201, &json!("queued")));
    let accepted = stage.provider.wait_for_accepted(2, LIMIT).await.unwrap();
    assert_eq!(accepted[0].content, "message 1");
    assert_eq!(accepted[1].content, "Hello");
    dispatcher_testkit::wait_until("both are listed", LIMIT, async || {
        replica.get("/api/messages/sent").await.1["total"] == 2
    })
    .await;
    let (_, list) = replica.get("/api/messages/sent").await;
    assert_eq!(list["messages"][1]["id"], stored["id"]);
    assert_eq!(list["messages"][1]["message_id"], json!(accepted[1].message_id));
    let health = replica.health().await;
    assert_eq!(health["dependencies"]["database"], "healthy");
    assert_eq!(health["dependencies"]["redis"], "unhealthy", "nothing listens there");
}
