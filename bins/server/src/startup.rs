//! Getting the store ready: the right tables, and our pace on the control row.

use crate::{
    Failure,
    wiring::{Adapters, NotReady},
};
use dispatcher_app::Drain;
use dispatcher_domain::{DispatchPolicy, ports::StoreError};
use std::time::Duration;

/// Between two tries while the store is down.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether the store is ready.
pub(crate) enum Readiness {
    /// It is.
    Ready,
    /// Not yet; it may be later without anyone's help.
    NotYet(anyhow::Error),
}

/// Looks once.
///
/// # Errors
/// What only an operator can mend: tables that are missing or of another
/// version, a password that is wrong.
pub(crate) async fn look(
    adapters: &Adapters,
    policy: DispatchPolicy,
) -> Result<Readiness, Failure> {
    match adapters.check_schema().await {
        Ok(()) => {}
        Err(NotReady::Yet(error)) => return Ok(Readiness::NotYet(error)),
        Err(NotReady::EverByItself(error)) => return Err(Failure::unavailable(error)),
    }
    match adapters.control.install_policy(policy).await {
        Ok(()) => Ok(Readiness::Ready),
        Err(error @ StoreError::Unexpected(_)) => Err(Failure::unavailable(error)),
        Err(error) => Ok(Readiness::NotYet(error.into())),
    }
}

/// Looks until the store is ready, or the drain is requested.
///
/// # Errors
/// As [`look`].
pub(crate) async fn wait(
    adapters: &Adapters,
    policy: DispatchPolicy,
    drain: &Drain,
) -> Result<(), Failure> {
    let Readiness::NotYet(error) = look(adapters, policy).await? else { return Ok(()) };
    tracing::warn!(
        error = format!("{error:#}"),
        "the message store is down: no send starts until it is back"
    );
    loop {
        tokio::select! {
            () = adapters.clock.sleep(AGAIN) => {}
            () = drain.requested() => return Ok(()),
        }
        match look(adapters, policy).await? {
            Readiness::Ready => break,
            Readiness::NotYet(error) => {
                tracing::debug!(error = format!("{error:#}"), "the message store is still down");
            }
        }
    }
    tracing::info!("the message store is back");
    Ok(())
}
