//! The switch and the pace that all replicas share.

use super::StoreError;
use crate::{ControlState, DispatchPolicy};
use async_trait::async_trait;
use jiff::Timestamp;

/// Starts and stops the sending of all replicas.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DispatchControl: Send + Sync {
    /// Starts or stops sending; answers what it was before.
    ///
    /// - MUST, once it has answered for a stop, let no START commit on any
    ///   replica until a start, restarts included.
    /// - MUST, on a start, let an open breaker probe at once, as
    ///   [`ControlState::switch`] does.
    async fn set_enabled(&self, enabled: bool) -> Result<bool, StoreError>;

    /// Makes `policy` the pace of all replicas.
    async fn install_policy(&self, policy: DispatchPolicy) -> Result<(), StoreError>;

    /// The state now, and how many sends are in flight.
    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError>;
}

/// The control state at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSnapshot {
    /// The state.
    pub state: ControlState,
    /// The store's time.
    pub now: Timestamp,
    /// Messages `sending` whose lease runs.
    pub in_flight: u64,
}
