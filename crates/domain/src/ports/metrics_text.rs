//! What was counted, as text for a monitoring system.

use super::{ControlSnapshot, PoolUsage, QueueDepth};

/// Writes down what was counted, together with what was observed just now.
pub trait MetricsText: Send + Sync {
    /// The media type of the text.
    fn content_type(&self) -> &'static str;

    /// The text.
    ///
    /// - MUST leave out what was not observed: an old number is a lie.
    fn render(&self, observed: &Observed) -> Result<String, MetricsError>;
}

/// The text could not be made: a fault of the adapter.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be written down")]
pub struct MetricsError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The state of things at one moment. What could not be asked is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The switch, the breaker and the pace.
    pub control: Option<ControlSnapshot>,
    /// This replica was configured for another pace than the one in force.
    pub drift: bool,
    /// The queue.
    pub queue: Option<QueueDepth>,
    /// Whether each dependency answers.
    pub dependencies: Vec<(&'static str, bool)>,
    /// The connection pools.
    pub pools: Vec<(&'static str, PoolUsage)>,
}
