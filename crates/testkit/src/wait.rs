//! Waiting for a condition that nothing signals. The only file that sleeps.
//!
//! Prefer a signal: a channel, a line of output ([`crate::process::Program::wait_for_line`]), the end of a
//! task. Where the other side is a database or a remote program, looking again is all that is left.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that looks at the clock and sleeps, so that no test has to"
)]

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks again until `look` finds something; `None` when `limit` is over first. Blocks the thread.
///
/// ```
/// use std::time::Duration;
///
/// let mut tries = 0;
/// let found = dispatcher_testkit::wait::poll(Duration::from_secs(5), || {
///     tries += 1;
///     (tries == 3).then_some("here")
/// });
/// assert_eq!(found, Some("here"));
/// ```
pub fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if start.elapsed() >= limit {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits until `condition` holds. `what` completes the sentence "waited … until".
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
///
/// let mut tries = 0;
/// dispatcher_testkit::wait_until("the third try came", Duration::from_secs(5), async || {
///     tries += 1;
///     tries == 3
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
///
/// When `limit` is over, also in the middle of a `condition` that does not come back: a test must end.
#[cfg(feature = "full")]
#[track_caller]
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut condition: impl AsyncFnMut() -> bool,
) -> impl Future<Output = ()> {
    // Taken here, as a panic inside of the future would name this file and not the test.
    let caller = std::panic::Location::caller();
    async move {
        let start = Instant::now();
        let holds = async {
            while !condition().await {
                tokio::time::sleep(PAUSE).await;
            }
        };
        if tokio::time::timeout(limit, holds).await.is_err() {
            let waited = start.elapsed();
            panic!("{caller}: waited {waited:.1?} (limit {limit:?}) until {what}, in vain");
        }
    }
}

#[cfg(all(test, feature = "full"))]
mod tests {
    use super::*;

    #[test]
    fn polling_gives_up_after_the_limit() {
        assert_eq!(poll(Duration::from_millis(1), || None::<()>), None);
    }

    #[tokio::test]
    #[should_panic(expected = "until the moon falls, in vain")]
    async fn a_condition_that_never_holds_fails_with_its_name() {
        wait_until("the moon falls", Duration::from_millis(1), async || false).await;
    }

    #[tokio::test]
    #[should_panic(expected = "until somebody answers, in vain")]
    async fn a_condition_that_hangs_fails_as_well() {
        wait_until("somebody answers", Duration::from_millis(1), async || {
            std::future::pending().await
        })
        .await;
    }
}
