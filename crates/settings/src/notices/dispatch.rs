//! About pace, order and patience.

use crate::{
    groups::{database::DatabaseSettings, dispatch::LEASE_MARGIN},
    layers::Layers,
    notice::Notice,
    parse::duration,
    settings::Settings,
    variables::{BATCH_SIZE, MAX_IN_FLIGHT, RETRY_MAX_TRIES},
};
use dispatcher_domain::DeliveryPolicy;
use std::time::Duration;

/// Longer than this nobody waits for a queue to move on without asking why.
const LONG_LEASE: Duration = Duration::from_secs(10 * 60);

pub(super) fn at_least_once(settings: &Settings) -> Option<Notice> {
    let twice = settings.dispatch.delivery_policy == DeliveryPolicy::AtLeastOnce;
    twice.then(|| {
        Notice::warn(
            "DELIVERY_POLICY=at_least_once: a message whose outcome is unknown is sent again, \
             and may arrive twice; if the provider honours idempotency keys, \
             PROVIDER_IDEMPOTENT=true with at_most_once prevents that",
        )
    })
}

pub(super) fn start_stopped(settings: &Settings) -> Option<Notice> {
    settings.dispatch.start_stopped.then(|| {
        Notice::warn(
            "START_STOPPED=true: each start of an instance switches sending off on all of them; \
             take it out before POST /api/messaging/start",
        )
    })
}

pub(super) fn unused_tries(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let resends = settings.provider.idempotent
        || settings.dispatch.delivery_policy == DeliveryPolicy::AtLeastOnce;
    (!resends && layers.is_given(RETRY_MAX_TRIES)).then(|| {
        Notice::info(
            "RETRY_MAX_TRIES has no effect: nothing is sent again with \
             DELIVERY_POLICY=at_most_once and without PROVIDER_IDEMPOTENT",
        )
    })
}

pub(super) fn short_shutdown(settings: &Settings) -> Option<Notice> {
    let (shutdown, send) = (settings.dispatch.shutdown_timeout, settings.provider.deadline);
    (shutdown < send).then(|| {
        let (shutdown, send) = (duration::show(shutdown), duration::show(send));
        Notice::warn(format!(
            "SHUTDOWN_TIMEOUT={shutdown} is shorter than SEND_TIMEOUT={send}: \
             a send cut off at shutdown is parked as unconfirmed; write SHUTDOWN_TIMEOUT={send} or \
             more"
        ))
    })
}

/// Half of the margin is kept for what comes after the send.
pub(super) fn tight_lease(settings: &Settings) -> Option<Notice> {
    let timeout = match &settings.database {
        DatabaseSettings::Postgres(postgres) => postgres.timeout,
        DatabaseSettings::Sqlite(sqlite) => sqlite.timeout,
    };
    let (lease, send) = (settings.dispatch.lease, settings.provider.deadline);
    let spare = lease.saturating_sub(send + LEASE_MARGIN / 2);
    (spare < timeout).then(|| {
        let enough = send + timeout + LEASE_MARGIN;
        Notice::warn(format!(
            "LEASE={} is short beside SEND_TIMEOUT={} and DB_TIMEOUT={}: a message that the \
             database hands out later than after {} is given back unsent; write LEASE={} or more",
            duration::show(lease),
            duration::show(send),
            duration::show(timeout),
            duration::show(spare),
            duration::show(enough)
        ))
    })
}

/// The next send waits for the one that was lost.
pub(super) fn long_lease(settings: &Settings) -> Option<Notice> {
    let lease = settings.dispatch.lease;
    (settings.dispatch.policy.is_strict() && lease > LONG_LEASE).then(|| {
        Notice::warn(format!(
            "LEASE={} is long for ORDERING=strict: when an instance is killed, nothing is sent \
             for so long; SEND_TIMEOUT and a few seconds are enough",
            duration::show(lease)
        ))
    })
}

pub(super) fn idle_slots(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let idle = settings.dispatch.policy.is_strict() && layers.is_given(MAX_IN_FLIGHT);
    idle.then(|| Notice::info("MAX_IN_FLIGHT has no effect with ORDERING=strict: one at a time"))
}

pub(super) fn unused_batch_size(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let unused = !settings.dispatch.policy.has_quota() && layers.is_given(BATCH_SIZE);
    unused.then(|| Notice::info("BATCH_SIZE has no effect with PROCESSING_INTERVAL=0s"))
}

pub(super) fn no_pace(settings: &Settings) -> Option<Notice> {
    let free = !settings.dispatch.policy.has_quota() && settings.dispatch.max_rate.is_none();
    free.then(|| {
        Notice::info(
            "PROCESSING_INTERVAL=0s without MAX_RATE: messages are sent as fast as the provider \
             answers",
        )
    })
}

/// Other instances may send the rest.
pub(super) fn slow_rate(settings: &Settings) -> Option<Notice> {
    let (policy, rate) = (&settings.dispatch.policy, settings.dispatch.max_rate?);
    let possible = rate.per_second() * policy.period.as_secs_f64();
    (policy.has_quota() && possible < f64::from(policy.batch_size.get())).then(|| {
        Notice::info(format!(
            "MAX_RATE={} lets one instance send at most {possible:.1} of BATCH_SIZE={} in each \
             PROCESSING_INTERVAL={}",
            rate.per_second(),
            policy.batch_size,
            duration::show(policy.period)
        ))
    })
}
