//! Logs: one line for each event, to standard error.

mod json;

use dispatcher_settings::{LogFormat, LogLevel, LogSettings};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    prelude::*,
};

/// Sends what is logged to standard error. In a process that logs already,
/// such as a test, it changes nothing.
pub fn init(settings: &LogSettings) {
    let lines = if is_json(settings.format, stderr().is_terminal()) {
        fmt::layer().with_writer(stderr).event_format(json::JsonLines).boxed()
    } else {
        fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter(settings.level)));
    // Fails only when there is a subscriber already, which then stays.
    let _ = subscriber.try_init();
}

fn is_json(format: LogFormat, on_terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !on_terminal,
        LogFormat::Json => true,
        LogFormat::Text => false,
    }
}

/// `debug` is for our own code only. The database driver logs each statement
/// with its parameters at that level: phone numbers and message texts.
fn filter(level: LogLevel) -> Targets {
    let ours = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
    };
    Targets::new()
        // What libraries have to say is no news to an operator, unless it warns.
        .with_default(ours.min(LevelFilter::WARN))
        // A stranger's malformed request is no error of ours, and a broken
        // connection is told by whoever needed it.
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("deadpool", LevelFilter::ERROR)
        .with_target("dispatcher_", ours)
        .with_target("message_dispatcher_", ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn a_second_init_changes_nothing_and_does_not_panic() {
        let settings = LogSettings { level: LogLevel::Error, format: LogFormat::Json };
        init(&settings);
        init(&settings);
    }

    #[test]
    fn auto_is_text_for_people_and_json_for_machines() {
        assert!(!is_json(LogFormat::Auto, true));
        assert!(is_json(LogFormat::Auto, false));
        assert!(is_json(LogFormat::Json, true));
        assert!(!is_json(LogFormat::Text, false));
    }

    #[test]
    fn debug_is_for_our_own_code_only() {
        let filter = filter(LogLevel::Debug);
        for ours in ["dispatcher_app::dispatcher", "message_dispatcher_server"] {
            assert!(filter.would_enable(ours, &Level::DEBUG));
        }
        for other in ["tokio_postgres::query", "hyper_util::client", "reqwest::connect"] {
            assert!(!filter.would_enable(other, &Level::INFO), "{other}");
            assert!(filter.would_enable(other, &Level::WARN), "{other}");
        }
    }

    #[test]
    fn a_level_above_info_holds_for_everybody() {
        for target in ["dispatcher_app", "tokio_postgres"] {
            assert!(!filter(LogLevel::Warn).would_enable(target, &Level::INFO));
            assert!(filter(LogLevel::Warn).would_enable(target, &Level::WARN));
        }
    }
}
