//! The bodies on the wire, and how they come from the domain.

use crate::api::BuildInfo;
use dispatcher_app::{DispatchHealth, Health, SentEntry};
use dispatcher_domain::ports::Enqueued;
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

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Semantic version.
    #[schema(example = "0.1.0")]
    version: String,
    /// When it was built, RFC 3339, or `unknown`.
    build_time: String,
    /// Of which commit, or `unknown`.
    git_commit: String,
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthBody {
    /// `healthy`, or `degraded` when a dependency is not.
    #[schema(example = "healthy")]
    status: &'static str,
    /// `running` or `stopped`.
    #[schema(example = "running")]
    processing_status: &'static str,
    /// Which program this is.
    version: VersionBody,
    /// Each `healthy` or `unhealthy`.
    dependencies: DependenciesBody,
    /// How sending goes; left out while the database is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatch: Option<DispatchBody>,
}

/// How the dependencies are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DependenciesBody {
    /// The message store; without it nothing is sent.
    database: &'static str,
    /// The delivery cache; sending goes on without it.
    redis: &'static str,
}

/// How sending goes, over all replicas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispatchBody {
    /// Sends that may start in any rolling window of `interval_ms`.
    batch_size: u32,
    /// Length of the window in milliseconds; 0 means no quota.
    interval_ms: u64,
    /// `strict`, `recipient` or `none`.
    ordering: &'static str,
    /// This replica was configured for another pace than the one in force:
    /// a replica that started later brought it.
    drift: bool,
    /// Sends whose outcome is not recorded yet.
    in_flight: u64,
    /// `closed`, or `open`: sending pauses because the provider fails.
    circuit_breaker: &'static str,
    /// Why the circuit breaker is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    circuit_breaker_reason: Option<String>,
    /// For how many milliseconds the provider still wants us to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled_ms: Option<u64>,
}

/// One sent message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentMessageBody {
    id: i64,
    #[schema(example = "+905551234567")]
    phone_number: String,
    content: String,
    /// Always true in this list.
    sent: bool,
    /// When it was enqueued, RFC 3339.
    #[schema(example = "2025-10-02T10:00:00Z")]
    created_at: String,
    /// The provider's id; left out when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// When the cache took it in, RFC 3339; left out when it no longer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_at: Option<String>,
}

/// The list of sent messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentListBody {
    /// Oldest first.
    pub(crate) messages: Vec<SentMessageBody>,
    /// How many sent messages there are.
    pub(crate) total: u64,
    /// Pass it as `cursor` for the next page; left out on the last page and
    /// in the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// A new message.
#[derive(ToSchema)]
#[allow(dead_code)] // Only describes the request; `body` reads it by hand.
pub(crate) struct EnqueueBody {
    /// 10 to 20 characters.
    #[schema(example = "+905551234567", min_length = 10, max_length = 20)]
    phone_number: String,
    /// 1 to MAX_CONTENT_LENGTH characters (160 by default).
    #[schema(example = "Your code is 481516", min_length = 1)]
    content: String,
}

/// A message that was stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnqueuedBody {
    id: i64,
    /// `queued`.
    #[schema(example = "queued")]
    status: &'static str,
    /// When it was stored, RFC 3339.
    #[schema(example = "2025-10-02T10:00:00.123456Z")]
    created_at: String,
}

impl From<&BuildInfo> for VersionBody {
    fn from(build: &BuildInfo) -> Self {
        Self {
            version: build.version.clone(),
            build_time: build.build_time.clone(),
            git_commit: build.git_commit.clone(),
        }
    }
}

impl HealthBody {
    pub(crate) fn new(health: &Health, build: &BuildInfo) -> Self {
        let word = |well| if well { "healthy" } else { "unhealthy" };
        Self {
            status: if health.database && health.cache { "healthy" } else { "degraded" },
            processing_status: if health.processing { "running" } else { "stopped" },
            version: build.into(),
            dependencies: DependenciesBody {
                database: word(health.database),
                redis: word(health.cache),
            },
            dispatch: health.dispatch.as_ref().map(DispatchBody::from),
        }
    }
}

impl From<&DispatchHealth> for DispatchBody {
    fn from(dispatch: &DispatchHealth) -> Self {
        let millis =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            batch_size: dispatch.policy.batch_size.get(),
            interval_ms: millis(dispatch.policy.period),
            ordering: dispatch.policy.ordering.as_str(),
            drift: dispatch.drift,
            in_flight: dispatch.in_flight,
            circuit_breaker: if dispatch.breaker.is_some() { "open" } else { "closed" },
            circuit_breaker_reason: dispatch.breaker.as_ref().map(|r| r.as_str().to_owned()),
            throttled_ms: dispatch.throttled_for.map(millis),
        }
    }
}

impl From<SentEntry> for SentMessageBody {
    fn from(entry: SentEntry) -> Self {
        Self {
            id: entry.message.id.0,
            phone_number: entry.message.phone_number,
            content: entry.message.content,
            sent: true,
            created_at: entry.message.created_at.to_string(),
            message_id: entry.provider_message_id,
            cached_at: entry.cached_at.map(|at| at.to_string()),
        }
    }
}

impl From<Enqueued> for EnqueuedBody {
    fn from(enqueued: Enqueued) -> Self {
        Self {
            id: enqueued.id.0,
            status: enqueued.status.as_str(),
            created_at: enqueued.created_at.to_string(),
        }
    }
}
