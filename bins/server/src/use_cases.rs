//! The use cases: each from the settings and ports that it needs.

use crate::wiring::Adapters;
use dispatcher_api::{Api, BuildInfo};
use dispatcher_app::{
    CheckHealth, CheckReadiness, CollectMetrics, Decide, Dispatcher, DispatcherConfig,
    DispatcherPorts, Enqueue, Expirer, Inspect, MetricsPorts, Operate, Reconcile, ReconcilePorts,
    Rescuer, Resolver, ResolverPorts, SentMessages, Wake,
};
use dispatcher_domain::{BreakerPolicy, ResolutionPolicy};
use dispatcher_settings::{LEASE_MARGIN, Settings};
use dispatcher_wiring::version;
use std::sync::Arc;
use tokio::runtime::Handle;

pub(crate) fn dispatcher(settings: &Settings, adapters: &Adapters) -> Arc<Dispatcher> {
    let ports = DispatcherPorts {
        messages: Arc::clone(&adapters.messages),
        control: Arc::clone(&adapters.control),
        gateway: Arc::clone(&adapters.gateway),
        cache: Arc::clone(&adapters.cache),
        clock: Arc::clone(&adapters.clock),
        entropy: Arc::clone(&adapters.entropy),
        meter: Arc::clone(&adapters.meter),
    };
    let dispatch = &settings.dispatch;
    let config = DispatcherConfig {
        instance: settings.instance.clone(),
        lease: dispatch.lease,
        lease_margin: LEASE_MARGIN / 2,
        rescue_grace: dispatch.rescue_grace,
        max_in_flight: dispatch.max_in_flight.get(),
        start_interval: dispatch.max_rate.map(|rate| rate.interval()),
        ordering: dispatch.policy.ordering,
        limits: dispatch.limits,
        retry: dispatch.retry,
        breaker: breaker(settings),
    };
    Dispatcher::new(ports, config)
}

fn breaker(settings: &Settings) -> BreakerPolicy {
    let policy = settings.dispatch.breaker;
    if settings.provider.empty_ok {
        // This provider never names a message: that tells nothing.
        BreakerPolicy { malformed_threshold: None, ..policy }
    } else {
        policy
    }
}

pub(crate) fn rescuer(settings: &Settings, adapters: &Adapters) -> Rescuer {
    Rescuer::new(
        Arc::clone(&adapters.messages),
        Arc::clone(&adapters.clock),
        settings.dispatch.lease,
        settings.dispatch.rescue_grace,
    )
}

pub(crate) fn expirer(adapters: &Adapters) -> Expirer {
    Expirer::new(Arc::clone(&adapters.messages), Arc::clone(&adapters.clock))
}

pub(crate) fn resolver(settings: &Settings, adapters: &Adapters) -> Resolver {
    let ports = ResolverPorts {
        doubts: Arc::clone(&adapters.doubts),
        cache: Arc::clone(&adapters.cache),
        gateway: Arc::clone(&adapters.gateway),
        clock: Arc::clone(&adapters.clock),
        entropy: Arc::clone(&adapters.entropy),
        meter: Arc::clone(&adapters.meter),
    };
    let (dispatch, provider) = (&settings.dispatch, &settings.provider);
    let policy = ResolutionPolicy {
        delivery: dispatch.delivery_policy,
        key_window: provider.idempotent.then_some(provider.key_window),
        // No POST arrives later than its lease ends.
        key_margin: dispatch.lease,
        retry: dispatch.retry,
    };
    Resolver::new(ports, policy)
}

pub(crate) fn reconcile(settings: &Settings, adapters: &Adapters) -> Reconcile {
    let ports = ReconcilePorts {
        archive: Arc::clone(&adapters.archive),
        control: Arc::clone(&adapters.control),
        cache: Arc::clone(&adapters.cache),
        gateway: Arc::clone(&adapters.gateway),
    };
    let operators = Arc::clone(&adapters.operators);
    Reconcile::new(ports, Decide::new(operators, settings.provider.key_window, Wake::default()))
}

pub(crate) fn api(
    settings: &Settings,
    adapters: &Adapters,
    wake: &Wake,
    readiness: CheckReadiness,
) -> Api {
    let Adapters { messages, control, operators, archive, cache, clock, gateway, meter, .. } =
        adapters.clone();
    let dispatch = &settings.dispatch;
    Api {
        enqueue: Arc::new(Enqueue::new(
            messages,
            Arc::clone(&clock),
            dispatch.limits,
            wake.clone(),
        )),
        inspect: Arc::new(Inspect::new(Arc::clone(&archive))),
        sent_messages: Arc::new(SentMessages::new(archive, Arc::clone(&cache), Arc::clone(&clock))),
        decide: Arc::new(Decide::new(operators, settings.provider.key_window, wake.clone())),
        operate: Arc::new(Operate::new(
            Arc::clone(&control),
            Arc::clone(&clock),
            gateway.deadline(),
            wake.clone(),
        )),
        readiness: Arc::new(readiness),
        metrics: Arc::new(CollectMetrics::new(metrics_ports(adapters), dispatch.policy)),
        meter,
        clock: Arc::clone(&clock),
        health: Arc::new(CheckHealth::new(control, cache, clock, dispatch.policy)),
        build: BuildInfo {
            version: version::VERSION.to_owned(),
            build_time: version::BUILD_TIME.to_owned(),
            git_commit: version::GIT_COMMIT.to_owned(),
        },
        runtime: Handle::current(),
    }
}

fn metrics_ports(adapters: &Adapters) -> MetricsPorts {
    MetricsPorts {
        control: Arc::clone(&adapters.control),
        stats: Arc::clone(&adapters.stats),
        cache: Arc::clone(&adapters.cache),
        pools: adapters.pools.clone(),
        text: Arc::clone(&adapters.metrics),
        clock: Arc::clone(&adapters.clock),
    }
}
