//! The control row, as the domain sees it.

use crate::{
    columns::{Micros, Word, millis, time},
    transaction::Tx,
};
use dispatcher_domain::{
    Breaker, Busy, ControlState, DispatchPolicy, LeaseToken, OpenBreaker, Probe, StatusReason,
};
use rusqlite::{Row, ffi, named_params};
use std::time::Duration;

/// The state.
pub(crate) fn load(tx: &Tx<'_>) -> rusqlite::Result<ControlState> {
    let loaded = tx.query_row("SELECT * FROM dispatch_control", [], |row| {
        Ok(ControlState {
            enabled: row.get("enabled")?,
            policy: DispatchPolicy {
                batch_size: row.get("batch_size")?,
                period: duration(row.get("period_ms")?),
                ordering: row.get::<_, Word<_>>("ordering")?.0,
            },
            quota_left: row.get("quota_left")?,
            next_tick_at: row.get::<_, Micros>("next_tick_at")?.0,
            busy: busy(row)?,
            throttled_until: time(row, "throttled_until")?,
            breaker: Breaker { open: open_breaker(row)?, failures: row.get("breaker_failures")? },
        })
    });
    loaded.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => missing(),
        error => error,
    })
}

fn missing() -> rusqlite::Error {
    let told = "dispatch_control has no row: INSERT INTO dispatch_control DEFAULT VALUES makes it";
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ERROR), Some(told.to_owned()))
}

/// Writes the state back.
pub(crate) fn save(tx: &Tx<'_>, state: &ControlState) -> rusqlite::Result<()> {
    let open = state.breaker.open.as_ref();
    let probe = open.and_then(|open| open.probe);
    tx.execute(
        "UPDATE dispatch_control SET enabled = :enabled, batch_size = :batch_size, \
             period_ms = :period_ms, ordering = :ordering, quota_left = :quota_left, \
             next_tick_at = :next_tick_at, busy_token = :busy_token, busy_until = :busy_until, \
             busy_lease_ms = :busy_lease_ms, throttled_until = :throttled_until, \
             breaker_until = :breaker_until, breaker_openings = :breaker_openings, \
             breaker_reason = :breaker_reason, probe_token = :probe_token, \
             probe_until = :probe_until, breaker_failures = :breaker_failures",
        named_params! {
            ":enabled": state.enabled,
            ":batch_size": state.policy.batch_size,
            ":period_ms": millis(state.policy.period),
            ":ordering": state.policy.ordering.as_str(),
            ":quota_left": state.quota_left,
            ":next_tick_at": Micros(state.next_tick_at),
            ":busy_token": state.busy.map(|busy| busy.token.to_string()),
            ":busy_until": state.busy.map(|busy| Micros(busy.until)),
            ":busy_lease_ms": state.busy.map(|busy| millis(busy.lease)),
            ":throttled_until": state.throttled_until.map(Micros),
            ":breaker_until": open.map(|open| Micros(open.until)),
            ":breaker_openings": open.map_or(0, |open| open.openings),
            ":breaker_reason": open.map(|open| open.reason.as_str()),
            ":probe_token": probe.map(|probe| probe.token.to_string()),
            ":probe_until": probe.map(|probe| Micros(probe.until)),
            ":breaker_failures": state.breaker.failures.min(i32::MAX.unsigned_abs()),
        },
    )?;
    Ok(())
}

fn busy(row: &Row<'_>) -> rusqlite::Result<Option<Busy>> {
    let until: Option<Micros> = row.get("busy_until")?;
    let lease: Option<i64> = row.get("busy_lease_ms")?;
    let (Some(token), Some(until), Some(lease)) = (token(row, "busy_token")?, until, lease) else {
        return Ok(None);
    };
    Ok(Some(Busy { token, until: until.0, lease: duration(lease) }))
}

fn open_breaker(row: &Row<'_>) -> rusqlite::Result<Option<OpenBreaker>> {
    let Some(until) = row.get::<_, Option<Micros>>("breaker_until")? else { return Ok(None) };
    let probe_until: Option<Micros> = row.get("probe_until")?;
    Ok(Some(OpenBreaker {
        until: until.0,
        openings: row.get("breaker_openings")?,
        reason: StatusReason::stored(row.get("breaker_reason")?),
        probe: token(row, "probe_token")?
            .zip(probe_until)
            .map(|(token, until)| Probe { token, until: until.0 }),
    }))
}

fn token(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<LeaseToken>> {
    Ok(row.get::<_, Option<Word<_>>>(column)?.map(|uuid| LeaseToken(uuid.0)))
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}
