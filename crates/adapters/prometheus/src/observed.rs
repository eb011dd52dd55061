//! What is looked at when somebody asks.

use crate::register::Register;
use dispatcher_domain::{
    Breaker,
    ports::{ControlSnapshot, Observed, PoolUsage, QueueDepth},
};
use jiff::Timestamp;
use prometheus::Result;
use std::time::Duration;

pub(crate) fn write(register: &Register<'_>, observed: &Observed) -> Result<()> {
    let Observed { control, drift, queue, dependencies, pools } = observed;
    dependencies_up(register, dependencies)?;
    if let Some(snapshot) = control {
        dispatching(register, snapshot, *drift)?;
    }
    if let Some(depth) = queue {
        queue_depth(register, depth)?;
    }
    pool_usage(register, pools)
}

fn dependencies_up(register: &Register<'_>, dependencies: &[(&'static str, bool)]) -> Result<()> {
    let help = "Whether a dependency answers: 1, or 0";
    let rows = dependencies.iter().map(|(name, up)| (vec![*name], flag(*up)));
    register.gauges("dependency_up", help, &["dependency"], rows)
}

fn dispatching(register: &Register<'_>, snapshot: &ControlSnapshot, drift: bool) -> Result<()> {
    let ControlSnapshot { state, now, in_flight } = snapshot;
    let help = "Whether sending is on, over all replicas: 1, or 0 after an operator's stop";
    register.gauge("processing_enabled", help, flag(state.enabled))?;
    let help = "Sends of all replicas whose outcome is not recorded yet and whose lease runs";
    register.gauge("sends_in_flight", help, number(*in_flight))?;
    let help = "Whether this replica was configured for another pace than the one in force";
    register.gauge("configuration_drift", help, flag(drift))?;
    let help = "The circuit breaker that all replicas share: 1 for the state that it is in";
    let state_now = breaker_state(&state.breaker, *now);
    let rows = BREAKER_STATES.map(|word| (vec![word], flag(word == state_now)));
    register.gauges("circuit_breaker_state", help, &["state"], rows)?;
    let left = state.throttled_until.map(|until| until.duration_since(*now));
    let left = left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default();
    let help =
        "For how long no send starts: the provider asked for it, or the queue was just taken over";
    register.gauge("throttle_remaining_seconds", help, left.as_secs_f64())
}

const BREAKER_STATES: [&str; 3] = ["closed", "open", "half_open"];

fn breaker_state(breaker: &Breaker, now: Timestamp) -> &'static str {
    match &breaker.open {
        None => "closed",
        Some(open) if open.until > now => "open",
        Some(_) => "half_open",
    }
}

fn queue_depth(register: &Register<'_>, depth: &QueueDepth) -> Result<()> {
    let help = "Messages by status; those that were accepted are not among them";
    let rows = depth.by_status().map(|(status, count)| (vec![status.as_str()], number(count)));
    register.gauges("queue_messages", help, &["status"], rows)?;
    let help = "Messages that are queued and due";
    register.gauge("queue_due_messages", help, number(depth.due))?;
    let help = "For how long the oldest due message has been due; 0 when none is";
    let age = depth.oldest_due.unwrap_or_default().as_secs_f64();
    register.gauge("queue_oldest_due_age_seconds", help, age)?;
    let Some(sent) = depth.sent_estimate else { return Ok(()) };
    let help = "About how many messages the provider accepted, as the database estimates it";
    register.gauge("sent_messages_estimate", help, number(sent))
}

fn pool_usage(register: &Register<'_>, pools: &[(&'static str, PoolUsage)]) -> Result<()> {
    if pools.is_empty() {
        return Ok(());
    }
    let help = "Open connections of a pool";
    let rows = pools.iter().flat_map(|(name, usage)| {
        [(vec![*name, "in_use"], number(usage.in_use)), (vec![*name, "idle"], number(usage.idle))]
    });
    register.gauges("pool_connections", help, &["pool", "state"], rows)?;
    let help = "Most connections that a pool opens";
    let rows = pools.iter().map(|(name, usage)| (vec![*name], number(usage.max)));
    register.gauges("pool_connections_limit", help, &["pool"], rows)?;
    let help = "Callers that wait for a connection of a pool";
    let rows = pools.iter().map(|(name, usage)| (vec![*name], number(usage.waiting)));
    register.gauges("pool_waiting_callers", help, &["pool"], rows)
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

/// Exact up to 2⁵³, which no queue reaches.
fn number(count: u64) -> f64 {
    count as f64
}
