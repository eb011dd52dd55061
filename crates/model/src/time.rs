//! Time, in steps: small numbers here, the domain's timestamps there.
//!
//! A state keeps no time of day, only what is left of each wait and the age of
//! what has happened, each up to where nothing depends on it any more. So there
//! is no last hour, and the states are finite all the same.

use jiff::Timestamp;
use std::time::Duration;

/// Steps of time: what is left, or an age.
pub(crate) type Steps = i8;

/// The longest from the look at the lease to the arrival of the POST.
pub(crate) const DEADLINE: Steps = 1;
/// What must be left of the lease beyond that.
pub(crate) const MARGIN: Steps = 1;
/// A lease; it leaves time to wait before the look.
pub(crate) const LEASE: Steps = 3;
/// After its lease a message is left alone for so long.
pub(crate) const GRACE: Steps = 1;
/// How long the provider remembers a key, from the first START on.
pub(crate) const KEY_WINDOW: Steps = 6;
/// No age matters beyond this.
pub(crate) const OLD: Steps = KEY_WINDOW;

/// Which time it is does not matter: all times are kept relative to it.
const NOW: i64 = 1_000_000;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    at(0)
}

/// The moment that many steps from now.
pub(crate) fn at(steps: Steps) -> Timestamp {
    Timestamp::from_second(NOW + i64::from(steps)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// How far from now that moment is; between −100 and 100.
pub(crate) fn steps_to(moment: Timestamp) -> Steps {
    let steps = (moment.as_second() - NOW).clamp(-100, 100);
    Steps::try_from(steps).unwrap_or(0)
}

/// That many steps, as a length.
pub(crate) fn length(steps: Steps) -> Duration {
    Duration::from_secs(u64::from(steps.unsigned_abs()))
}
