//! What is counted, and that the answer is the one of the port inside.

use super::*;
use crate::testing::{
    Bench, BlockingGateway, CountingMeter, ManualClock, ScriptedGateway, cache_down, refused,
    seconds, unavailable,
};
use dispatcher_domain::{
    CachedDelivery, Claim, ClaimRequest, ClaimResult, ClockAlarm, Hold, HoldReason, InstanceName,
    MessageId, MessageLimits, OutcomeClass, RejectedRow, StatusReason,
    ports::{
        ClaimWord, DeliveryCache, Entropy, LookupWord, MessageRepo, MeterEvent, MockDeliveryCache,
        MockMessageRepo, Rescued, SmsGateway,
    },
};
use jiff::Timestamp;
use std::collections::HashMap;

fn request() -> ClaimRequest {
    ClaimRequest {
        want: 1,
        token: crate::testing::FixedEntropy::default().lease_token(),
        lease: seconds(60),
        instance: InstanceName::new("test"),
        limits: MessageLimits::default(),
    }
}

fn messages(repo: MockMessageRepo) -> (MeteredMessages, Arc<CountingMeter>) {
    let meter = Arc::new(CountingMeter::default());
    (MeteredMessages::new(Arc::new(repo), meter.clone(), ManualClock::new()), meter)
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_counted_by_its_result_and_with_what_it_found() {
    let row = RejectedRow { id: MessageId(1), reason: StatusReason::of("invalid") };
    let held = ClaimResult::Held(Hold { reason: HoldReason::Busy, for_at_least: None });
    let claim = Claim {
        result: held,
        rejected: vec![row; 2],
        expired: vec![MessageId(3)],
        alarms: vec![ClockAlarm::BusyTooLong],
    };
    let mut repo = MockMessageRepo::new();
    repo.expect_claim_due().times(1).return_once(move |_| Ok(claim));
    repo.expect_claim_due().returning(|_| Err(unavailable()));
    let (messages, meter) = messages(repo);
    assert_eq!(messages.claim_due(&request()).await.unwrap().rejected.len(), 2);
    assert!(messages.claim_due(&request()).await.is_err());
    let claimed = |result| MeterEvent::Claimed { result, took: seconds(0) };
    let expected = [
        claimed(ClaimWord::Held),
        MeterEvent::Rejected,
        MeterEvent::Rejected,
        MeterEvent::Expired,
        MeterEvent::ClockMended(ClockAlarm::BusyTooLong),
        claimed(ClaimWord::Failed),
    ];
    assert_eq!(meter.events(), expected);
}

#[tokio::test(start_paused = true)]
async fn each_message_that_the_sweep_expires_counts() {
    let mut repo = MockMessageRepo::new();
    repo.expect_expire_overdue().return_once(|_| Ok(vec![MessageId(1), MessageId(2)]));
    let (messages, meter) = messages(repo);
    messages.expire_overdue(9).await.unwrap();
    assert_eq!(meter.events(), [MeterEvent::Expired; 2]);
}

#[tokio::test(start_paused = true)]
async fn each_rescued_message_counts() {
    let mut repo = MockMessageRepo::new();
    let rescued = vec![Rescued { id: MessageId(1), attempt: 1 }; 3];
    repo.expect_rescue_expired().return_once(move |_, _| Ok(rescued));
    let (messages, meter) = messages(repo);
    assert_eq!(messages.rescue_expired(seconds(5), 100).await.unwrap().len(), 3);
    assert_eq!(meter.events(), [MeterEvent::Rescued; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_send_is_counted_by_its_class_and_time() {
    let mut bench = Bench::new();
    bench.enqueue(2);
    let meter = Arc::new(CountingMeter::default());
    let clock = bench.clock.clone();
    let inner = BlockingGateway::answering(refused());
    let gateway = MeteredGateway::new(inner.clone(), meter.clone(), clock.clone());
    assert_eq!(gateway.deadline(), inner.deadline());
    let batch = bench.begin_batch(Arc::new(gateway));
    inner.begun(1).await;
    clock.sleep(seconds(3)).await;
    inner.release(2);
    batch.await.unwrap();
    let ended = |took| MeterEvent::SendEnded { class: OutcomeClass::Refused, took };
    assert_eq!(meter.events(), [ended(seconds(3)), ended(seconds(0))]);
}

#[tokio::test(start_paused = true)]
async fn look_ups_count_by_message_and_receipts_by_how_they_ended() {
    let mut cache = MockDeliveryCache::new();
    let entry =
        CachedDelivery { provider_message_id: "id".into(), cached_at: Timestamp::UNIX_EPOCH };
    let found = HashMap::from([(MessageId(1), entry)]);
    cache.expect_lookup().times(1).return_once(move |_| Ok(found));
    cache.expect_lookup().returning(|_| Err(cache_down()));
    cache.expect_record().times(1).returning(|_| Ok(()));
    cache.expect_record().returning(|_| Err(cache_down()));
    let meter = Arc::new(CountingMeter::default());
    let cache = Arc::new(MeteredCache::new(Arc::new(cache), meter.clone()));
    let ids = [MessageId(1), MessageId(2), MessageId(3)];
    assert_eq!(cache.lookup(&ids).await.unwrap().len(), 1);
    assert!(cache.lookup(&ids).await.is_err());
    let mut bench = Bench::new();
    bench.enqueue(2);
    bench.cache = cache;
    let gateway = ScriptedGateway::new(&bench.journal, []);
    assert_eq!(bench.batch(gateway).await.sent, 2);
    let looked_up = |result, messages| MeterEvent::CacheLookedUp { result, messages };
    let expected = [
        looked_up(LookupWord::Hit, 1),
        looked_up(LookupWord::Miss, 2),
        looked_up(LookupWord::Failed, 3),
        MeterEvent::ReceiptWritten { ok: true },
        MeterEvent::ReceiptWritten { ok: false },
    ];
    assert_eq!(meter.events(), expected);
}
