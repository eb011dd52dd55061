//! Many at once on one file.

use crate::{
    steps::{LIMIT, Replica, count, enqueue, run},
    support::TestFile,
};
use dispatcher_domain::ports::MessageArchive;
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::JoinSet;

/// A program that reads the whole list, row by row and slowly.
#[tokio::test]
async fn a_reader_in_the_middle_of_a_list_holds_up_no_send() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    replica.free_flow().await;
    enqueue(&shell, 1000);
    shell.execute("UPDATE messages SET sent = 1 WHERE id <= 900", []).unwrap();
    let mut list = shell.prepare("SELECT id FROM messages WHERE sent = 1").unwrap();
    let mut rows = list.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    for _ in 0..100 {
        replica.finish(&replica.start_one().await).await;
    }
    let mut left = 0;
    while rows.next().unwrap().is_some() {
        left += 1;
    }
    assert_eq!(left, 899, "of the state that it began with");
    assert_eq!(replica.archive.count_sent().await.unwrap(), 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_message_is_started_once_and_listed_once_while_others_insert() {
    let file = TestFile::migrated().await;
    let replica = Arc::new(Replica::of(&file));
    replica.free_flow().await;
    enqueue(&file.shell(), 200);
    let inserts = tokio::task::spawn_blocking({
        let shell = file.shell();
        shell.busy_timeout(LIMIT).unwrap();
        move || {
            let insert = "INSERT INTO messages (phone_number, content) VALUES ('1234567890', 'x')";
            (0..100).for_each(|_| run(&shell, insert));
        }
    });
    let mut sends = JoinSet::new();
    for _ in 0..8 {
        let replica = Arc::clone(&replica);
        sends.spawn(async move {
            let mut started = Vec::new();
            loop {
                let messages = replica.start(7).await;
                if messages.is_empty() {
                    return started;
                }
                for message in messages {
                    replica.finish(&message).await;
                    started.push(message.id);
                }
            }
        });
    }
    let mut started = sends.join_all().await.concat();
    inserts.await.unwrap();
    for message in replica.start(300).await {
        replica.finish(&message).await;
        started.push(message.id);
    }
    assert_eq!(started.len(), 300);
    assert_eq!(started.iter().collect::<BTreeSet<_>>().len(), 300);
    assert_eq!(replica.archive.sent_after(None, 1000).await.unwrap().len(), 300);
    assert_eq!(count(&file.shell(), "SELECT count(*) FROM attempts"), 300);
}
