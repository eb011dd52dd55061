//! The words that the tests are written in.

use super::Fixture;
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, ClaimedMessage, Completion, DispatchPolicy, Effect,
    InstanceName, LeaseToken, MessageId, MessageLimits, Ordering, ProviderMessageId,
    ProviderSignal, RetryPolicy, SendOutcome, UnknownCause, ports::Recorded,
};
use jiff::SignedDuration;
use std::{num::NonZeroU32, time::Duration};
use uuid::Uuid;

/// How long test claims last.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// A recipient.
pub(super) const ANNA: &str = "+905551234567";
/// Another recipient.
pub(super) const BORA: &str = "+905557654321";

/// A request for `want` messages under a fresh token.
pub fn request(want: u32) -> ClaimRequest {
    ClaimRequest {
        want,
        token: LeaseToken(Uuid::new_v4()),
        lease: LEASE,
        instance: InstanceName::new("contract"),
        limits: MessageLimits::default(),
    }
}

/// Claims `want` and gives the whole answer.
pub async fn claim(store: &dyn Fixture, want: u32) -> Claim {
    store.messages().claim_due(&request(want)).await.expect("the store answers")
}

/// The messages that a claim of `want` starts.
pub(super) async fn started(store: &dyn Fixture, want: u32) -> Vec<ClaimedMessage> {
    match claim(store, want).await.result {
        ClaimResult::Started(messages) => messages,
        other => panic!("nothing was started: {other:?}"),
    }
}

/// Claims one message, which must be there.
pub async fn claim_one(store: &dyn Fixture) -> ClaimedMessage {
    let mut messages = started(store, 1).await;
    assert_eq!(messages.len(), 1);
    messages.remove(0)
}

/// The ids that a claim of `want` starts; empty when it starts nothing.
pub(super) async fn claim_ids(store: &dyn Fixture, want: u32) -> Vec<MessageId> {
    match claim(store, want).await.result {
        ClaimResult::Started(messages) => messages.iter().map(|message| message.id).collect(),
        ClaimResult::Empty { .. } | ClaimResult::Held(_) => Vec::new(),
    }
}

fn completion(outcome: SendOutcome) -> Completion {
    let effect = Effect::of(&outcome, 1, &RetryPolicy::default(), 1.0);
    Completion { outcome, effect, signal: ProviderSignal::Alive }
}

/// The provider took it and named it.
pub fn accepted() -> Completion {
    completion(SendOutcome::Accepted {
        provider_message_id: ProviderMessageId::parse("provider-1"),
        http_status: 200,
    })
}

/// The provider took it and named nothing.
pub(super) fn malformed() -> Completion {
    completion(SendOutcome::Accepted { provider_message_id: None, http_status: 200 })
}

/// The provider did not take it this time; due again in 30 s.
pub(super) fn not_sent() -> Completion {
    completion(SendOutcome::NotSent {
        reason: "provider_503".into(),
        http_status: Some(503),
        retry_after: None,
    })
}

/// No byte left for the provider; due at once.
pub(super) fn unreachable() -> Completion {
    completion(SendOutcome::NotSent {
        reason: "connect_refused".into(),
        http_status: None,
        retry_after: None,
    })
}

/// The provider does not know us; due at once.
pub(super) fn misconfigured() -> Completion {
    completion(SendOutcome::Misconfigured { http_status: 401 })
}

/// The provider will never take it.
pub fn refused() -> Completion {
    completion(SendOutcome::Refused { http_status: 422 })
}

/// Nobody knows.
pub fn unknown() -> Completion {
    completion(SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None })
}

/// The same completion with another word about the provider.
pub(super) fn telling(signal: ProviderSignal, completion: Completion) -> Completion {
    Completion { signal, ..completion }
}

/// Records how `message` ended.
pub async fn finish(
    store: &dyn Fixture,
    message: &ClaimedMessage,
    completion: &Completion,
) -> Recorded {
    store
        .messages()
        .record_outcome(message.id, &message.lease, completion)
        .await
        .expect("the store answers")
}

/// Moves time on.
pub(super) async fn pass(store: &dyn Fixture, seconds: i64) {
    store.advance(SignedDuration::from_secs(seconds)).await;
}

/// Installs a pace.
pub(super) async fn pace(store: &dyn Fixture, batch: u32, seconds: u64, ordering: Ordering) {
    let policy = DispatchPolicy {
        batch_size: NonZeroU32::new(batch).expect("not zero"),
        period: Duration::from_secs(seconds),
        ordering,
    };
    store.control().install_policy(policy).await.expect("the store answers");
}

/// Installs no quota and no order: claims take what they want.
pub(super) async fn free_flow(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::None).await;
}

/// Enqueues `count` messages to different recipients.
pub(super) async fn enqueue(store: &dyn Fixture, count: usize) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(store.insert_unchecked(&format!("+90555{n:07}"), "Hello").await);
    }
    ids
}
