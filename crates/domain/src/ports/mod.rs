//! What the use cases need of the outside world: one file per port.
//!
//! A port's documentation is its contract. Each sentence with a MUST has a
//! test of that meaning in `dispatcher-contract`, which every adapter passes.

mod clock;
mod connection_pool;
mod delivery_cache;
mod dispatch_control;
mod doubtful_messages;
mod entropy;
mod message_archive;
mod message_control;
mod message_repo;
mod meter;
mod metrics_text;
mod queue_stats;
mod sms_gateway;
mod store_error;

pub use clock::Clock;
pub use connection_pool::{ConnectionPool, PoolUsage};
pub use delivery_cache::{CacheError, CacheReach, DeliveryCache};
pub use dispatch_control::{ControlSnapshot, DispatchControl};
pub use doubtful_messages::DoubtfulMessages;
pub use entropy::Entropy;
pub use message_archive::{
    AttemptRecord, MessageArchive, MessageRecord, MessageSummary, SentCursor, SentMessage,
};
pub use message_control::{Decided, Decision, MessageControl};
pub use message_repo::{Enqueued, MessageRepo, Recorded, Rescued};
pub use meter::{ClaimWord, DoubtWord, LookupWord, Meter, MeterEvent, NoMeter, Processed};
pub use metrics_text::{MetricsError, MetricsText, Observed};
pub use queue_stats::{QueueDepth, QueueStats};
pub use sms_gateway::SmsGateway;
pub use store_error::StoreError;

#[cfg(feature = "mock")]
pub use self::{
    connection_pool::MockConnectionPool, delivery_cache::MockDeliveryCache,
    dispatch_control::MockDispatchControl, doubtful_messages::MockDoubtfulMessages,
    message_archive::MockMessageArchive, message_control::MockMessageControl,
    message_repo::MockMessageRepo, meter::MockMeter, queue_stats::MockQueueStats,
    sms_gateway::MockSmsGateway,
};
