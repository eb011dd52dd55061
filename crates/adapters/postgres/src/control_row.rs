//! The control row, as the domain sees it.

use crate::transaction::Transaction;
use dispatcher_domain::{
    Breaker, Busy, ControlState, DispatchPolicy, LeaseToken, OpenBreaker, Probe, StatusReason,
    ports::StoreError,
};
use jiff::Timestamp;
use std::{num::NonZeroU32, time::Duration};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

/// Held shared by STARTs that do not lock the control row, exclusively by
/// start, stop and changes of policy: these must wait for those, and keep
/// later ones out.
pub(crate) const GATE: i64 = 0x4d44_4750;

/// The state, locked until the transaction ends, and the time after the lock
/// was granted: time spent waiting must not count as time passed.
pub(crate) async fn lock(tx: &Transaction) -> Result<(ControlState, Timestamp), StoreError> {
    let sql = "WITH locked AS MATERIALIZED (SELECT * FROM dispatch_control FOR UPDATE) \
               SELECT *, dispatch_now() AS now FROM locked";
    load(tx.query_opt(sql, &[]).await?)
}

/// The state, not locked.
pub(crate) async fn read(tx: &Transaction) -> Result<(ControlState, Timestamp), StoreError> {
    let sql = "SELECT *, dispatch_now() AS now FROM dispatch_control";
    load(tx.query_opt(sql, &[]).await?)
}

/// Writes the state back.
pub(crate) async fn save(tx: &Transaction, state: &ControlState) -> Result<(), StoreError> {
    let open = state.breaker.open.as_ref();
    let busy = state.busy;
    let probe = open.and_then(|open| open.probe);
    let sql = "UPDATE dispatch_control SET enabled = $1, batch_size = $2, period_ms = $3, \
               ordering = $4, quota_left = $5, next_tick_at = $6, busy_token = $7, \
               busy_until = $8, busy_lease_ms = $9, throttled_until = $10, breaker_until = $11, \
               breaker_openings = $12, breaker_reason = $13, probe_token = $14, probe_until = $15, \
               breaker_failures = $16";
    tx.execute(
        sql,
        &[
            (&state.enabled, Type::BOOL),
            (&int(state.policy.batch_size.get()), Type::INT4),
            (&millis(state.policy.period), Type::INT8),
            (&state.policy.ordering.as_str(), Type::TEXT),
            (&int(state.quota_left), Type::INT4),
            (&state.next_tick_at, Type::TIMESTAMPTZ),
            (&busy.map(|busy| busy.token.0), Type::UUID),
            (&busy.map(|busy| busy.until), Type::TIMESTAMPTZ),
            (&busy.map(|busy| millis(busy.lease)), Type::INT8),
            (&state.throttled_until, Type::TIMESTAMPTZ),
            (&open.map(|open| open.until), Type::TIMESTAMPTZ),
            (&open.map_or(0, |open| int(open.openings)), Type::INT4),
            (&open.map(|open| open.reason.as_str()), Type::TEXT),
            (&probe.map(|probe| probe.token.0), Type::UUID),
            (&probe.map(|probe| probe.until), Type::TIMESTAMPTZ),
            (&int(state.breaker.failures), Type::INT4),
        ],
    )
    .await?;
    Ok(())
}

/// Milliseconds as the column has them.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn load(row: Option<Row>) -> Result<(ControlState, Timestamp), StoreError> {
    let missing = || {
        let told =
            "dispatch_control has no row: INSERT INTO dispatch_control DEFAULT VALUES makes it";
        StoreError::Unexpected(told.into())
    };
    let row = row.ok_or_else(missing)?;
    read_row(&row).map_err(StoreError::Unexpected)
}

type Unreadable = Box<dyn std::error::Error + Send + Sync>;

fn read_row(row: &Row) -> Result<(ControlState, Timestamp), Unreadable> {
    let state = ControlState {
        enabled: row.try_get("enabled")?,
        policy: DispatchPolicy {
            batch_size: NonZeroU32::try_from(u32::try_from(row.try_get::<_, i32>("batch_size")?)?)?,
            period: duration(row.try_get("period_ms")?)?,
            ordering: row.try_get::<_, &str>("ordering")?.parse()?,
        },
        quota_left: u32::try_from(row.try_get::<_, i32>("quota_left")?)?,
        next_tick_at: row.try_get("next_tick_at")?,
        busy: busy(row)?,
        throttled_until: row.try_get("throttled_until")?,
        breaker: breaker(row)?,
    };
    Ok((state, row.try_get("now")?))
}

fn busy(row: &Row) -> Result<Option<Busy>, Unreadable> {
    let columns: (Option<Uuid>, Option<Timestamp>, Option<i64>) =
        (row.try_get("busy_token")?, row.try_get("busy_until")?, row.try_get("busy_lease_ms")?);
    let (Some(token), Some(until), Some(lease)) = columns else { return Ok(None) };
    Ok(Some(Busy { token: LeaseToken(token), until, lease: duration(lease)? }))
}

fn breaker(row: &Row) -> Result<Breaker, Unreadable> {
    let failures = u32::try_from(row.try_get::<_, i32>("breaker_failures")?)?;
    let Some(until) = row.try_get::<_, Option<Timestamp>>("breaker_until")? else {
        return Ok(Breaker { open: None, failures });
    };
    let probe: (Option<Uuid>, Option<Timestamp>) =
        (row.try_get("probe_token")?, row.try_get("probe_until")?);
    Ok(Breaker {
        open: Some(OpenBreaker {
            until,
            openings: u32::try_from(row.try_get::<_, i32>("breaker_openings")?)?,
            reason: StatusReason::stored(row.try_get::<_, Option<String>>("breaker_reason")?),
            probe: probe
                .0
                .zip(probe.1)
                .map(|(token, until)| Probe { token: LeaseToken(token), until }),
        }),
        failures,
    })
}

fn duration(millis: i64) -> Result<Duration, Unreadable> {
    Ok(Duration::from_millis(u64::try_from(millis)?))
}
