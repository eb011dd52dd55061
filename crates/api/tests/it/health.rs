//! `GET /health` and `GET /version`.

use crate::support::{Ports, Server, down, store};
use dispatcher_domain::{
    BreakerPolicy, ControlState, DispatchPolicy, LeaseToken, Ordering, ProviderSignal,
    StatusReason,
    ports::{
        CacheError, CacheReach, ControlSnapshot, DispatchControl, MockDeliveryCache,
        MockDispatchControl,
    },
};
use jiff::Timestamp;
use std::{num::NonZeroU32, sync::Arc, time::Duration};

const JSON: &str = "application/json";
const VERSION: &str =
    r#"{"version":"1.2.3","build_time":"2026-01-02T03:04:05Z","git_commit":"0123abc"}"#;
const DISPATCH: &str = r#""dispatch":{"batch_size":2,"interval_ms":120000,"ordering":"strict","drift":false,"in_flight":0,"circuit_breaker":"closed"}"#;

fn broken_cache() -> MockDeliveryCache {
    let mut cache = MockDeliveryCache::new();
    cache.expect_ping().returning(|| Err(CacheError("no Redis".into())));
    cache
}

/// Over this store, with a Redis that is up.
fn with_redis() -> Ports {
    let mut cache = MockDeliveryCache::new();
    cache.expect_ping().returning(|| Ok(CacheReach::Shared));
    Ports { cache: Arc::new(cache), ..Ports::over(&store()) }
}

fn broken_control() -> MockDispatchControl {
    let mut control = MockDispatchControl::new();
    control.expect_snapshot().returning(|| Err(down()));
    control
}

#[actix_web::test]
async fn the_version_is_told_in_three_fields() {
    Server::new().get("/version").await.is(200, JSON, VERSION);
}

#[actix_web::test]
async fn a_healthy_service_says_so_in_the_predecessors_fields_and_adds_its_own_at_the_end() {
    let body = format!(
        r#"{{"status":"healthy","processing_status":"running","version":{VERSION},"dependencies":{{"database":"healthy","redis":"healthy"}},{DISPATCH}}}"#
    );
    with_redis().server().get("/health").await.is(200, JSON, &body);
}

#[actix_web::test]
async fn without_a_redis_to_miss_the_service_is_healthy_and_says_that_none_is_used() {
    let body = format!(
        r#"{{"status":"healthy","processing_status":"running","version":{VERSION},"dependencies":{{"database":"healthy","redis":"unused"}},{DISPATCH}}}"#
    );
    Server::new().get("/health").await.is(200, JSON, &body);
}

#[actix_web::test]
async fn without_redis_the_service_is_degraded_and_still_200() {
    let server = Ports { cache: Arc::new(broken_cache()), ..Ports::over(&store()) }.server();
    let body = format!(
        r#"{{"status":"degraded","processing_status":"running","version":{VERSION},"dependencies":{{"database":"healthy","redis":"unhealthy"}},{DISPATCH}}}"#
    );
    server.get("/health").await.is(200, JSON, &body);
}

#[actix_web::test]
async fn without_the_database_the_service_is_degraded_and_503() {
    let server = Ports { control: Arc::new(broken_control()), ..with_redis() }.server();
    let body = format!(
        r#"{{"status":"degraded","processing_status":"running","version":{VERSION},"dependencies":{{"database":"unhealthy","redis":"healthy"}}}}"#
    );
    server.get("/health").await.is(503, JSON, &body);
}

#[actix_web::test]
async fn a_stopped_service_is_healthy_and_says_that_it_is_stopped() {
    let store = store();
    let server = Ports::over(&store).server();
    store.set_enabled(false).await.unwrap();
    let answer = server.get("/health").await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"healthy".into()));
    assert_eq!(answer.json()["processing_status"], "stopped");
}

#[actix_web::test]
async fn what_was_last_known_of_the_switch_is_told_while_the_database_is_down() {
    let mut control = MockDispatchControl::new();
    let enabled = false;
    let stopped = ControlState { enabled, ..ControlState::new(DispatchPolicy::default()) };
    control.expect_snapshot().times(1).returning(move || Ok(snapshot(stopped.clone(), 0)));
    control.expect_snapshot().returning(|| Err(down()));
    let server = Ports { control: Arc::new(control), ..Ports::over(&store()) }.server();
    assert_eq!(server.get("/health").await.json()["processing_status"], "stopped");
    let later = server.get("/health").await;
    assert_eq!((later.status, &later.json()["processing_status"]), (503, &"stopped".into()));
}

#[actix_web::test]
async fn drift_the_breaker_and_a_throttle_are_told_field_by_field() {
    let other = DispatchPolicy {
        batch_size: NonZeroU32::new(7).unwrap(),
        period: Duration::from_millis(1500),
        ordering: Ordering::None,
    };
    let mut state = ControlState::new(other);
    let (now, token) = (Timestamp::UNIX_EPOCH, LeaseToken(uuid::Uuid::nil()));
    let reason = StatusReason::of("misconfigured_401");
    let policy = BreakerPolicy::default();
    state.finished(now, token, &ProviderSignal::Trip { reason, policy });
    let wait = Duration::from_millis(2500);
    state.finished(now, token, &ProviderSignal::SlowDown { wait });
    let mut control = MockDispatchControl::new();
    control.expect_snapshot().returning(move || Ok(snapshot(state.clone(), 3)));
    let server = Ports { control: Arc::new(control), ..Ports::over(&store()) }.server();
    let answer = server.get("/health").await;
    let dispatch = r#""dispatch":{"batch_size":7,"interval_ms":1500,"ordering":"none","drift":true,"in_flight":3,"circuit_breaker":"open","circuit_breaker_reason":"misconfigured_401","circuit_breaker_until":"1970-01-01T00:00:30Z","circuit_breaker_check":"the provider does not know us: check SMS_API_TOKEN","throttled_ms":2500}"#;
    assert!(answer.body.ends_with(&format!("{dispatch}}}")), "{}", answer.body);
}

#[actix_web::test]
async fn a_throttle_that_is_over_is_not_told() {
    let mut state = ControlState::new(DispatchPolicy::default());
    state.throttled_until = Some(Timestamp::UNIX_EPOCH - Duration::from_secs(1));
    let mut control = MockDispatchControl::new();
    control.expect_snapshot().returning(move || Ok(snapshot(state.clone(), 0)));
    let server = Ports { control: Arc::new(control), ..Ports::over(&store()) }.server();
    let answer = server.get("/health").await;
    assert!(answer.body.ends_with(&format!("{DISPATCH}}}")), "{}", answer.body);
}

fn snapshot(state: ControlState, in_flight: u64) -> ControlSnapshot {
    ControlSnapshot { state, now: Timestamp::UNIX_EPOCH, in_flight }
}
