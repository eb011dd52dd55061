//! Start and stop.

use serde::Serialize;
use utoipa::ToSchema;

/// Answer of start and stop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ControlBody {
    /// `started`, `running` or `stopped`.
    #[schema(example = "started")]
    pub(crate) status: &'static str,
    /// The same, for people.
    #[schema(example = "Message processing started successfully")]
    pub(crate) message: &'static str,
}
