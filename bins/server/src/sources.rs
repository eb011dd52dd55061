//! Settings of this process, and the log that they ask for.

use crate::Failure;
use dispatcher_settings::{NoticeLevel, Settings, Sources};
use dispatcher_wiring::{telemetry, version};

/// Reads the settings and starts the log.
pub(crate) fn load(sources: Sources) -> Result<Settings, Failure> {
    let settings = Settings::load(sources).map_err(Failure::usage)?;
    telemetry::init(&settings.log);
    tracing::info!(
        version = version::VERSION,
        commit = version::GIT_COMMIT,
        instance = settings.instance.as_str(),
        "message dispatcher starts"
    );
    Ok(settings)
}

/// Logs what an operator should know about these settings.
pub(crate) fn tell_notices(settings: &Settings) {
    for notice in settings.notices() {
        match notice.level {
            NoticeLevel::Info => tracing::info!("{notice}"),
            NoticeLevel::Warn => tracing::warn!("{notice}"),
        }
    }
}
