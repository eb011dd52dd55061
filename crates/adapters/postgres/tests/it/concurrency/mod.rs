//! Many replicas at once.

mod cadence;
mod exactly_once;
mod expiry;
mod lane_races;
mod lanes;
mod operators;
mod quota;
mod stop;
mod stop_waits;
mod strict_order;

use crate::steps::Replica;
use dispatcher_testkit::TestDatabase;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Replicas in each of these tests.
const REPLICAS: usize = 8;

/// Runs `work` in all replicas at once; gives what each of them made.
async fn at_once<T, Work>(database: &TestDatabase, work: impl Fn(Arc<Replica>) -> Work) -> Vec<T>
where
    T: Send + 'static,
    Work: Future<Output = T> + Send + 'static,
{
    let mut running = JoinSet::new();
    for _ in 0..REPLICAS {
        running.spawn(work(Replica::of(database)));
    }
    running.join_all().await
}
