//! Getting the store ready: the right tables, and our pace on the control row.

use crate::{
    Failure,
    wiring::{Adapters, NotReady},
};
use dispatcher_app::Drain;
use dispatcher_domain::DispatchPolicy;
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
    let made_ready = async {
        adapters.check_schema().await?;
        let installed = adapters.control.install_policy(policy).await;
        installed.map_err(|error| adapters.explain(error))
    };
    match made_ready.await {
        Ok(()) => Ok(Readiness::Ready),
        Err(NotReady::Yet(error)) => Ok(Readiness::NotYet(error)),
        Err(NotReady::EverByItself(error)) => Err(Failure::unavailable(error)),
    }
}

/// From what was `found` on, looks until the store is ready, or the drain is
/// requested.
///
/// # Errors
/// As [`look`].
pub(crate) async fn wait(
    found: Readiness,
    adapters: &Adapters,
    policy: DispatchPolicy,
    drain: &Drain,
) -> Result<(), Failure> {
    let Readiness::NotYet(error) = found else { return Ok(()) };
    let mut told = tell(&error);
    loop {
        tokio::select! {
            () = adapters.clock.sleep(AGAIN) => {}
            () = drain.requested() => return Ok(()),
        }
        match look(adapters, policy).await? {
            Readiness::Ready => break,
            // Another reason is another thing to mend.
            Readiness::NotYet(error) if format!("{error:#}") != told => told = tell(&error),
            Readiness::NotYet(_) => {}
        }
    }
    tracing::info!("the message store is back");
    Ok(())
}

/// Logs why the store is not ready; gives the reason.
fn tell(error: &anyhow::Error) -> String {
    let error = format!("{error:#}");
    tracing::warn!(error, "the message store is down: no send starts until it is back");
    error
}
