//! Getting the store ready: the right tables, and what this start writes on the
//! control row.

use crate::{
    Failure,
    wiring::{Adapters, NotReady},
};
use dispatcher_app::Drain;
use dispatcher_domain::DispatchPolicy;
use dispatcher_settings::DispatchSettings;
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

/// What a start writes on the control row.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    /// The pace of all replicas.
    pub(crate) policy: DispatchPolicy,
    /// Sending is off until an operator switches it on.
    pub(crate) stopped: bool,
}

impl Wish {
    pub(crate) fn of(settings: &DispatchSettings) -> Self {
        Self { policy: settings.policy, stopped: settings.start_stopped }
    }
}

/// Looks once.
///
/// # Errors
/// What only an operator can mend: tables that are missing or of another
/// version, a password that is wrong.
pub(crate) async fn look(adapters: &Adapters, wish: Wish) -> Result<Readiness, Failure> {
    let made_ready = async {
        adapters.check_schema().await?;
        // First: who asks for it must not see one send more.
        if wish.stopped {
            let off = adapters.control.set_enabled(false).await;
            off.map_err(|error| adapters.explain(error))?;
        }
        let installed = adapters.control.install_policy(wish.policy).await;
        installed.map_err(|error| adapters.explain(error))
    };
    match made_ready.await {
        Ok(()) => {
            if wish.stopped {
                tracing::warn!("started stopped: nothing is sent until POST /api/messaging/start");
            }
            Ok(Readiness::Ready)
        }
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
    wish: Wish,
    drain: &Drain,
) -> Result<(), Failure> {
    let Readiness::NotYet(error) = found else { return Ok(()) };
    let mut told = tell(&error);
    loop {
        tokio::select! {
            () = adapters.clock.sleep(AGAIN) => {}
            () = drain.requested() => return Ok(()),
        }
        match look(adapters, wish).await? {
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
