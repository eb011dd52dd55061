//! The service: built from settings and adapters, run until it is stopped.

use crate::{
    Failure,
    http::Http,
    manager::Manager,
    signals::Signals,
    startup::{self, Readiness, Wish},
    use_cases,
    wiring::Adapters,
};
use dispatcher_api::Access;
use dispatcher_app::{
    CheckReadiness, DispatchLoop, Dispatcher, Drain, DrainSwitch, Expirer, GuardedCache, Rescuer,
    Resolver, StoreReady, Wake,
};
use dispatcher_domain::ports::Clock;
use dispatcher_settings::Settings;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// The running service.
pub struct Application {
    http: Http,
    work: JoinHandle<Result<(), Failure>>,
    drain: DrainSwitch,
    shutdown_timeout: Duration,
    adapters: Adapters,
}

impl Application {
    /// Takes the port, gets the store ready and starts to work. A store that
    /// is down is waited for while the API answers already.
    ///
    /// # Errors
    /// A port that is taken, or a store that only an operator can mend.
    pub async fn build(settings: &Settings, mut adapters: Adapters) -> Result<Self, Failure> {
        let listener = Http::bind(&settings.http.host, settings.http.port)?;
        let wish = Wish::of(&settings.dispatch);
        // What only an operator can mend ends us before anybody relies on us.
        let found = startup::look(&adapters, wish).await?;
        let (drain, drained) = Drain::new();
        let cache = GuardedCache::new(adapters.cache, Arc::clone(&adapters.clock));
        adapters.cache = Arc::clone(&cache) as _;
        // Until the last receipt: it is just a drain that ends with many.
        let (watch, watched) = Drain::new();
        tokio::spawn(cache.watch(watched));
        let wake = Wake::default();
        let store_ready = StoreReady::default();
        let readiness = CheckReadiness::new(
            Arc::clone(&adapters.control),
            Arc::clone(&adapters.clock),
            store_ready.clone(),
            drained.clone(),
        );
        let api = use_cases::api(settings, &adapters, &wake, readiness);
        let access = if settings.http.auth_off { Access::Anyone } else { Access::ThisMachine };
        let http = Http::start(listener, api, access, settings.dispatch.shutdown_timeout)?;
        tracing::info!(address = %http.address, "listening");
        let work = Work {
            dispatcher: use_cases::dispatcher(settings, &adapters),
            rescuer: use_cases::rescuer(settings, &adapters),
            expirer: use_cases::expirer(&adapters),
            resolver: use_cases::resolver(settings, &adapters),
            adapters: adapters.clone(),
            wish,
            found,
            store_ready,
            wake,
            drained,
            watch,
            settle_within: settings.dispatch.shutdown_timeout,
        };
        Ok(Self {
            http,
            work: tokio::spawn(work.run()),
            drain,
            shutdown_timeout: settings.dispatch.shutdown_timeout,
            adapters,
        })
    }

    /// Where the API listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.http.address
    }

    /// Works until a signal asks to stop; then claims nothing more, finishes
    /// what is in flight within the shutdown time-out, and returns.
    ///
    /// # Errors
    /// A part of the service ended that should not.
    pub async fn run_until_stopped(
        mut self,
        mut signals: Signals,
        manager: &Manager,
    ) -> Result<(), Failure> {
        tokio::select! {
            signal = signals.stop() => tracing::info!(signal, "stopping: no new sends"),
            ended = &mut self.work => return Err(ended_early(ended)),
            failure = self.http.ended() => return Err(failure),
        }
        manager.stopping(self.shutdown_timeout);
        self.shut_down().await;
        Ok(())
    }

    /// Claims nothing more and finishes what is in flight.
    async fn shut_down(mut self) {
        self.drain.request();
        let clock = Arc::clone(&self.adapters.clock);
        let end = clock.monotonic() + self.shutdown_timeout;
        let finish = async {
            tokio::select! {
                ended = &mut self.work => tell_end(ended),
                () = clock.sleep(self.shutdown_timeout) => tracing::warn!(
                    "SHUTDOWN_TIMEOUT is over: what is still in flight will be unconfirmed"
                ),
            }
        };
        finish.await;
        // Only now: until here `/readyz` tells load balancers to go elsewhere.
        let left = end.saturating_sub(clock.monotonic()).max(HANG_UP);
        tokio::select! {
            () = self.http.stop() => {}
            () = clock.sleep(left) => {
                tracing::warn!("SHUTDOWN_TIMEOUT is over: requests were cut off");
            }
        }
        self.let_go_of_the_store(&*clock).await;
    }

    /// The threads of the API let go of the store a moment after their last
    /// request. Who closes a file last tidies it up, which needs this process.
    async fn let_go_of_the_store(&self, clock: &dyn Clock) {
        let end = clock.monotonic() + HANG_UP;
        while Arc::strong_count(&self.adapters.archive) > 1 && clock.monotonic() < end {
            clock.sleep(LET_GO).await;
        }
    }
}

/// Even a shutdown that is late closes its connections in order.
const HANG_UP: Duration = Duration::from_secs(1);

/// Between two looks at who still has the store.
const LET_GO: Duration = Duration::from_millis(5);

fn tell_end(ended: Result<Result<(), Failure>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => tracing::info!("stopped: nothing is in flight"),
        Ok(Err(Failure { error, .. })) => tracing::error!("stopped after a failure: {error:#}"),
        Err(error) => tracing::error!(%error, "the dispatch loop ended in a panic"),
    }
}

fn ended_early(ended: Result<Result<(), Failure>, tokio::task::JoinError>) -> Failure {
    match ended {
        Ok(Err(failure)) => failure,
        Ok(Ok(())) => Failure::internal(anyhow::anyhow!("the dispatch loop ended by itself")),
        Err(error) => Failure::internal(error),
    }
}

/// What happens beside the API.
struct Work {
    adapters: Adapters,
    dispatcher: Arc<Dispatcher>,
    rescuer: Rescuer,
    expirer: Expirer,
    resolver: Resolver,
    wish: Wish,
    /// How the store was at the start.
    found: Readiness,
    store_ready: StoreReady,
    wake: Wake,
    drained: Drain,
    /// Ends the look at the cache.
    watch: DrainSwitch,
    /// How long what is not confirmed may hold up the end.
    settle_within: Duration,
}

impl Work {
    async fn run(self) -> Result<(), Failure> {
        startup::wait(self.found, &self.adapters, self.wish, &self.drained).await?;
        self.store_ready.mark();
        let clock = Arc::clone(&self.adapters.clock);
        let dispatcher = Arc::clone(&self.dispatcher);
        let sending = DispatchLoop::new(dispatcher, clock, self.wake, self.drained.clone());
        tokio::join!(
            sending.run(),
            self.rescuer.run(self.drained.clone()),
            self.expirer.run(self.drained.clone()),
            self.resolver.run(self.drained)
        );
        self.dispatcher.settle(self.settle_within).await;
        self.watch.request();
        Ok(())
    }
}
