//! Ids come again when somebody empties the file; messages do not.

use crate::{
    steps::{Replica, count, enqueue},
    support::TestFile,
};
use dispatcher_contract::message_store::{accepted, refused, request, unknown};
use dispatcher_domain::{
    ClaimResult,
    ports::{MessageRepo, Recorded},
};

/// Id, status, token and attempt of the new row all match the old lease: only
/// the uuid says no.
#[tokio::test]
async fn only_the_uuid_stops_a_late_completion_of_an_old_message_with_the_same_id() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    replica.free_flow().await;
    enqueue(&shell, 1);
    let old = replica.start_one().await;

    shell.execute_batch("DELETE FROM messages; DELETE FROM sqlite_sequence").unwrap();
    enqueue(&shell, 1);
    let mut again = request(1);
    again.token = old.lease.token;
    let ClaimResult::Started(new) = replica.messages.claim_due(&again).await.unwrap().result else {
        panic!("must start")
    };
    let new = &new[0];
    assert_eq!((new.id, new.lease.attempt), (old.id, old.lease.attempt));
    assert_ne!(new.key, old.key, "for the provider it is another message");

    let untouched = "SELECT count(*) FROM messages WHERE status = 'sending' AND sent IS NULL \
                     AND lease_token IS NOT NULL AND lease_until IS NOT NULL AND attempt = 1";
    for late in [accepted(), refused(), unknown()] {
        let recorded = replica.messages.record_outcome(old.id, &old.lease, &late).await.unwrap();
        assert_eq!(recorded, Recorded::Fenced);
        assert_eq!(count(&shell, untouched), 1, "{late:?}");
    }
    assert!(!replica.messages.release(old.id, &old.lease).await.unwrap());
    assert_eq!(count(&shell, untouched), 1);

    let recorded = replica.messages.record_outcome(new.id, &new.lease, &accepted()).await.unwrap();
    assert_eq!(recorded, Recorded::Applied, "its own completion counts");
}
