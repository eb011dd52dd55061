//! What the rest of the machine sees of a migration.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dispatcher_testkit::wait;

use super::psql::Psql;

/// Between two looks at the disk.
const LOOK: Duration = Duration::from_millis(500);
/// Between two inserts.
const PAUSE: Duration = Duration::from_millis(50);

/// What other programs of this machine see of the migration.
#[derive(Debug, Default)]
pub(super) struct Watch {
    over: AtomicBool,
}

impl Watch {
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// The longest that an INSERT of an old program took, from sending it to its answer.
    pub(super) fn longest_insert(&self, sql: &Psql<'_>) -> anyhow::Result<Duration> {
        let insert = "INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'x')";
        let mut longest = Duration::ZERO;
        self.again_and_again(PAUSE, || {
            let (took, inserted) = timed(|| sql.run(insert));
            longest = longest.max(took);
            inserted
        })?;
        Ok(longest)
    }

    pub(super) fn largest_size(&self, directory: &Path) -> u64 {
        let mut largest = 0;
        let _ = self.again_and_again(LOOK, || {
            largest = largest.max(size(directory));
            Ok(())
        });
        largest
    }

    fn again_and_again(
        &self,
        pause: Duration,
        mut action: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        while !self.over.load(Ordering::Relaxed) {
            action()?;
            wait::poll(pause, || self.over.load(Ordering::Relaxed).then_some(()));
        }
        Ok(())
    }
}

/// Of all files below; what vanishes meanwhile is not counted.
pub(super) fn size(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let entries =
        entries.flatten().filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    entries.map(|(path, data)| if data.is_dir() { size(&path) } else { data.len() }).sum()
}

/// How long `action` took, and what came of it.
#[expect(clippy::disallowed_methods, reason = "to measure time is what this is for")]
pub(super) fn timed<T>(action: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = action();
    (start.elapsed(), result)
}
