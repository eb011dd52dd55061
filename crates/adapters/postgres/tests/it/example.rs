//! The example of this crate does what it says.

use crate::{
    steps::{Replica, count},
    support,
};

#[allow(dead_code)] // Its `main` is for people.
#[path = "../../examples/enqueue_and_list.rs"]
mod enqueue_and_list;

#[tokio::test]
async fn the_example_enqueues_a_message_and_lists_it_when_it_is_sent() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let db = support::pool(&database);
    let enqueued = enqueue_and_list::enqueue(&db, "+905551234567", "Hello").await.unwrap();
    assert_eq!(enqueue_and_list::list(&db).await.unwrap(), ["0 were sent so far"]);
    let replica = Replica::of(&database);
    replica.finish(&replica.start_one().await).await;
    let lines = enqueue_and_list::list(&db).await.unwrap();
    assert_eq!(lines[0], "1 were sent so far");
    assert!(lines[1].starts_with(&enqueued.id.to_string()) && lines[1].ends_with(": provider-1"));

    assert!(enqueue_and_list::enqueue(&db, "12", "Hello").await.is_err());
    assert_eq!(count(&sql, "SELECT count(*) FROM messages").await, 1);
}
