//! Rows written by SQL that are no valid SMS.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{ANNA, claim, claim_one, enqueue},
};
use dispatcher_domain::{ClaimResult, Status};

pub async fn a_bad_row_is_rejected_with_its_reason_and_costs_nothing(store: &dyn Fixture) {
    let bad = [
        (store.insert_unchecked("12", "short number").await, "invalid_phone_number_length"),
        (store.insert_unchecked(ANNA, "").await, "empty_content"),
        (store.insert_unchecked(ANNA, &"x".repeat(161)).await, "content_too_long"),
    ];
    let good = enqueue(store, 1).await[0];
    let mut found = Vec::new();
    let started = loop {
        let claim = claim(store, 1).await;
        found
            .extend(claim.rejected.into_iter().map(|row| (row.id, row.reason.as_str().to_owned())));
        if let ClaimResult::Started(messages) = claim.result {
            break messages;
        }
    };
    assert_eq!(started[0].id, good);
    assert_eq!(found, bad.map(|(id, reason)| (id, reason.to_owned())));
    for (id, reason) in bad {
        let row = store.row(id).await;
        assert_eq!((row.status, row.status_reason.as_deref()), (Status::Rejected, Some(reason)));
        assert_eq!((row.attempt, row.tries_used, row.legacy_sent), (0, 0, None));
        assert_eq!(store.attempts(id).await, []);
    }
    assert_eq!(store.control().snapshot().await.unwrap().state.quota_left, 1);
}

pub async fn a_thousand_bad_rows_cost_no_silence(store: &dyn Fixture) {
    for _ in 0..1000 {
        store.insert_unchecked("bad", "row").await;
    }
    let good = enqueue(store, 1).await[0];
    let mut claims = 0;
    let started = loop {
        claims += 1;
        match claim(store, 1).await.result {
            ClaimResult::Started(messages) => break messages,
            ClaimResult::Empty { next_due_in: Some(wait) } => assert!(wait.is_zero()),
            other => panic!("held up by bad rows: {other:?}"),
        }
    };
    assert_eq!(started[0].id, good);
    assert!(claims < 100, "{claims} claims to pass a thousand bad rows");
}

pub async fn a_queue_of_bad_rows_only_ends_empty(store: &dyn Fixture) {
    store.insert_unchecked("bad", "row").await;
    let first = claim(store, 1).await;
    assert_eq!(first.rejected.len(), 1);
    assert_eq!(claim(store, 1).await.result, ClaimResult::Empty { next_due_in: None });
    let good = enqueue(store, 1).await[0];
    assert_eq!(claim_one(store).await.id, good);
}
