//! The numbers of this replica and of the queue, for a monitoring system.

use dispatcher_domain::{
    DispatchPolicy,
    ports::{
        CacheReach, Clock, ConnectionPool, DeliveryCache, DispatchControl, MetricsError,
        MetricsText, Observed, QueueStats,
    },
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A scrape must not wait for a store that hangs.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What was observed is good for so long: three monitoring systems and a few
/// curious people cost the database one question.
const FRESH_FOR: Duration = Duration::from_secs(3);

/// What is looked at when somebody asks.
pub struct MetricsPorts {
    /// The switch and the pace.
    pub control: Arc<dyn DispatchControl>,
    /// The queue.
    pub stats: Arc<dyn QueueStats>,
    /// The delivery cache.
    pub cache: Arc<dyn DeliveryCache>,
    /// Connection pools, with their names.
    pub pools: Vec<(&'static str, Arc<dyn ConnectionPool>)>,
    /// What was counted, and the text.
    pub text: Arc<dyn MetricsText>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Writes down what was counted and what is observed.
pub struct CollectMetrics {
    ports: MetricsPorts,
    configured: DispatchPolicy,
    last: Mutex<Option<(Duration, Observed)>>,
}

impl CollectMetrics {
    /// `configured` is this replica's own idea of the pace.
    #[must_use]
    pub fn new(ports: MetricsPorts, configured: DispatchPolicy) -> Self {
        Self { ports, configured, last: Mutex::default() }
    }

    /// The media type of [`CollectMetrics::run`].
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.ports.text.content_type()
    }

    /// The text, within about a second.
    ///
    /// # Errors
    /// A fault of the adapter that writes it.
    pub async fn run(&self) -> Result<String, MetricsError> {
        let observed = self.observed().await;
        self.ports.text.render(&observed)
    }

    async fn observed(&self) -> Observed {
        // Who comes while another one asks waits for that answer.
        let mut last = self.last.lock().await;
        let now = self.ports.clock.monotonic();
        let fresh = |(at, _): &&(Duration, Observed)| now.saturating_sub(*at) < FRESH_FOR;
        let stores = match last.as_ref().filter(fresh) {
            Some((_, observed)) => observed.clone(),
            None => {
                let observed = self.ask_the_stores().await;
                *last = Some((self.ports.clock.monotonic(), observed.clone()));
                observed
            }
        };
        drop(last);
        // Pools answer from memory.
        let pools = self.ports.pools.iter().map(|(name, pool)| (*name, pool.usage())).collect();
        Observed { pools, ..stores }
    }

    async fn ask_the_stores(&self) -> Observed {
        let MetricsPorts { control, stats, cache, .. } = &self.ports;
        let (control, queue, cache) = tokio::join!(
            self.at_once(control.snapshot()),
            self.at_once(stats.queue_depth()),
            self.at_once(cache.ping()),
        );
        // A cache in this process is no dependency.
        let redis = (cache != Some(CacheReach::Process)).then_some(("redis", cache.is_some()));
        Observed {
            drift: control.as_ref().is_some_and(|control| control.state.policy != self.configured),
            dependencies: [Some(("database", control.is_some())), redis]
                .into_iter()
                .flatten()
                .collect(),
            control,
            queue,
            pools: vec![],
        }
    }

    async fn at_once<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> Option<T> {
        tokio::select! {
            answer = call => answer.ok(),
            () = self.ports.clock.sleep(AT_ONCE) => None,
        }
    }
}

#[cfg(test)]
mod tests;
