//! The servers that may be the primary, and which of them was it last.
//!
//! A server that is dead, frozen or cut off must not keep us from the next one,
//! and a primary that comes back after its standby was promoted must not get us
//! back: so each server has its share of the time, the one that took writes last
//! is asked first, and connections from before a change are left.

use crate::{PgConfig, PgServer};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout};
use tokio_postgres::{Config, Error, config::TargetSessionAttrs};

/// The servers of one pool; clones share what they learn.
#[derive(Clone)]
pub(crate) struct Servers(Arc<Inner>);

struct Inner {
    servers: Vec<(PgServer, Config)>,
    /// So long may one of them keep us from the next.
    share: Duration,
    /// The one that took writes last.
    primary: AtomicUsize,
    /// Connections that are older are not trusted.
    trusted_since: Mutex<Option<Instant>>,
}

impl Servers {
    pub(crate) fn of(config: &PgConfig) -> Self {
        let servers: Vec<_> = config
            .servers
            .iter()
            .map(|server| (server.clone(), config.driver_config(server)))
            .collect();
        Self::new(servers, config.timeout)
    }

    /// The same, with these options of the session.
    pub(crate) fn with_options(config: &PgConfig, options: &str) -> Self {
        let with_options = |server: &PgServer| {
            let mut driver_config = config.driver_config(server);
            driver_config.options(options);
            (server.clone(), driver_config)
        };
        Self::new(config.servers.iter().map(with_options).collect(), config.timeout)
    }

    fn new(mut servers: Vec<(PgServer, Config)>, timeout: Duration) -> Self {
        let share = timeout / u32::try_from(servers.len().max(1)).unwrap_or(u32::MAX);
        // One alone says by itself that it is a standby, and more clearly.
        if servers.len() > 1 {
            for (_, config) in &mut servers {
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
            }
        }
        let (primary, trusted_since) = (AtomicUsize::new(0), Mutex::default());
        Self(Arc::new(Inner { servers, share, primary, trusted_since }))
    }

    /// What a pool wants to have, and hands on to its connector.
    pub(crate) fn first_config(&self) -> Config {
        self.0.servers.first().map(|(_, config)| config.clone()).unwrap_or_default()
    }

    /// Connects to the first that takes writes. The caller limits the whole; the
    /// error is that of a server that answered, if one did.
    pub(crate) async fn connect<T, Try>(&self, connect: impl Fn(Config) -> Try) -> Result<T, Error>
    where
        Try: Future<Output = Result<T, Error>>,
    {
        let (count, first) = (self.0.servers.len(), self.0.primary.load(Ordering::Acquire));
        let mut refused = None;
        for step in 1..count {
            let place = (first + step - 1) % count;
            match timeout(self.0.share, connect(self.config(place))).await {
                Ok(Ok(connected)) => return Ok(self.connected(place, connected)),
                Ok(Err(error)) => refused = Some(more_telling(refused, error)),
                Err(_) => {}
            }
        }
        let last = (first + count.saturating_sub(1)) % count.max(1);
        match connect(self.config(last)).await {
            Ok(connected) => Ok(self.connected(last, connected)),
            Err(error) => Err(more_telling(refused, error)),
        }
    }

    fn config(&self, place: usize) -> Config {
        self.0.servers.get(place).map(|(_, config)| config.clone()).unwrap_or_default()
    }

    fn connected<T>(&self, place: usize, connected: T) -> T {
        if self.0.primary.swap(place, Ordering::AcqRel) != place {
            self.distrust();
            let server = self.0.servers.get(place).map(|(server, _)| server.to_string());
            tracing::warn!(server, "another PostgreSQL server takes writes now: following it");
        }
        connected
    }

    /// A call had no answer. A server that vanished ends no connection: the
    /// others to it would each cost as long.
    pub(crate) fn no_answer(&self) {
        if self.0.servers.len() > 1 {
            self.distrust();
        }
    }

    fn distrust(&self) {
        *self.0.trusted_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection that was made then may be used again.
    pub(crate) fn trust(&self, made: std::time::Instant) -> bool {
        let since = self.0.trusted_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| made >= since.into_std())
    }
}

/// That a server answered and takes no writes says more than that another does
/// not answer.
fn more_telling(before: Option<Error>, now: Error) -> Error {
    match before {
        Some(before) if before.as_db_error().is_some() || takes_no_writes(&before) => before,
        _ => now,
    }
}

/// The driver's word for a standby among several servers.
pub(crate) fn takes_no_writes(error: &Error) -> bool {
    let cause = std::error::Error::source(error);
    cause.is_some_and(|cause| cause.to_string() == "database does not allow writes")
}
