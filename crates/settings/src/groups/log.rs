//! Logs, and the name this process has in them.

use crate::{
    parse,
    reader::Reader,
    sources::Sources,
    variables::{INSTANCE_NAME, LOG_FORMAT, LOG_LEVEL},
};
use dispatcher_domain::InstanceName;

/// What is logged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// Least severity.
    pub level: LogLevel,
    /// Shape of a line.
    pub format: LogFormat,
}

/// Least severity that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens in normal operation, and worse.
    Info,
    /// What someone should look at, and worse.
    Warn,
    /// What went wrong.
    Error,
}

impl LogLevel {
    /// The word in settings and in filters of `tracing`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object.
    Json,
    /// For people.
    Text,
}

const FORMATS: [(&str, LogFormat); 3] =
    [("auto", LogFormat::Auto), ("json", LogFormat::Json), ("text", LogFormat::Text)];

/// A host name longer than this is cut, so that the process id still fits.
const MAX_HOST: usize = 80;

pub(crate) fn read(reader: &mut Reader) -> LogSettings {
    let levels = [LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error];
    let levels = levels.map(|level| (level.as_str(), level));
    LogSettings {
        level: reader.required(LOG_LEVEL, |text| parse::word(text, &levels)),
        format: reader.required(LOG_FORMAT, |text| parse::word(text, &FORMATS)),
    }
}

/// `HOSTNAME` is set by container runtimes; it is not one of our settings.
pub(crate) fn read_instance(reader: &mut Reader, sources: &Sources) -> InstanceName {
    if let Some(name) = reader.optional(INSTANCE_NAME, parse::text) {
        return InstanceName::new(&name);
    }
    let host = sources.env.get("HOSTNAME").filter(|host| !host.is_empty());
    let host = host.map_or("message-dispatcher", String::as_str);
    let host: String = host.chars().take(MAX_HOST).collect();
    InstanceName::new(&format!("{host}-{}", sources.pid))
}
