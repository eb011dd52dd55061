//! How the service is, and which.

use crate::api::BuildInfo;
use dispatcher_app::{DispatchHealth, Health};
use dispatcher_domain::ports::CacheReach;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Each `healthy` or `unhealthy`; Redis may be `unused`.
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
    /// The delivery cache; sending goes on without it. `unused`: none is set,
    /// and receipts are kept in this process.
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
    /// Until when no send starts, by the database's clock, in RFC 3339; then
    /// one probe finds out whether the provider is well again.
    #[serde(skip_serializing_if = "Option::is_none")]
    circuit_breaker_until: Option<String>,
    /// What an operator should check.
    #[serde(skip_serializing_if = "Option::is_none")]
    circuit_breaker_check: Option<&'static str>,
    /// For how many milliseconds no send starts, because the provider asked
    /// for it, or because the queue was just taken over from the Go service.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled_ms: Option<u64>,
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
            status: if health.database && health.cache.is_some() { "healthy" } else { "degraded" },
            processing_status: if health.processing { "running" } else { "stopped" },
            version: build.into(),
            dependencies: DependenciesBody {
                database: word(health.database),
                redis: match health.cache {
                    Some(CacheReach::Process) => "unused",
                    cache => word(cache.is_some()),
                },
            },
            dispatch: health.dispatch.as_ref().map(DispatchBody::from),
        }
    }
}

impl From<&DispatchHealth> for DispatchBody {
    fn from(dispatch: &DispatchHealth) -> Self {
        let millis =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let breaker = dispatch.breaker.as_ref();
        Self {
            batch_size: dispatch.policy.batch_size.get(),
            interval_ms: millis(dispatch.policy.period),
            ordering: dispatch.policy.ordering.as_str(),
            drift: dispatch.drift,
            in_flight: dispatch.in_flight,
            circuit_breaker: if breaker.is_some() { "open" } else { "closed" },
            circuit_breaker_reason: breaker.map(|open| open.reason.as_str().to_owned()),
            circuit_breaker_until: breaker.map(|open| open.until.to_string()),
            circuit_breaker_check: breaker.map(|open| open.check),
            throttled_ms: dispatch.throttled_for.map(millis),
        }
    }
}
