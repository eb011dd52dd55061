//! Settings of Message Dispatcher.
//!
//! Settings are environment variables. What counts, strongest first:
//! overrides (the command line, the `dev` mode), the environment, the file
//! `.env` in the working directory, and the embedded `defaults.toml`, which is
//! also the manual of every variable. An empty value counts as unset. A secret
//! may stand in a file instead: `DB_PASSWORD_FILE` names one for `DB_PASSWORD`.
//!
//! [`Settings::load`] depends on nothing but its [`Sources`]: only
//! [`Sources::of_this_process`] looks at the process. It reports all mistakes
//! together, and no secret appears in an error or a `Debug` text.
//! [`Settings::inspect`] tells every value with its source.
//!
//! ```
//! use dispatcher_settings::{Settings, Sources};
//!
//! let settings = Settings::load(Sources::of([("BATCH_SIZE", "10")]))?;
//! assert_eq!(settings.dispatch.policy.batch_size.get(), 10);
//! assert_eq!(settings.dispatch.policy.period.as_secs(), 120, "the default");
//! for notice in settings.notices() {
//!     println!("{notice}");
//! }
//!
//! let wrong = [("PROCESSING_INTERVAL", "120"), ("DB_PORT", "none")];
//! let errors = Settings::load(Sources::of(wrong)).unwrap_err();
//! assert_eq!(
//!     errors.to_string(),
//!     r#"2 settings are wrong:
//!   DB_PORT="none" (environment): must be a whole number from 1 to 65535
//!   PROCESSING_INTERVAL="120" (environment): needs a unit: 120s or 2m"#
//! );
//! # Ok::<(), dispatcher_settings::SettingsErrors>(())
//! ```

mod errors;
mod found;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod groups;
mod kind;
mod layers;
pub mod manual;
mod near_miss;
mod notice;
mod notices;
mod parse;
mod reader;
mod report;
mod secret;
mod secret_file;
mod server_address;
mod settings;
mod sources;
mod to_migrate;
mod variables;

pub use errors::{SettingError, SettingsErrors};
pub use groups::{
    LookUpUrl, ProviderUrl,
    database::{DatabaseSettings, PostgresSettings, SqliteSettings, SslMode},
    database_servers::DatabaseServer,
    dispatch::{DispatchSettings, LEASE_MARGIN, MaxRate},
    http::HttpSettings,
    legacy::LegacySettings,
    log::{LogFormat, LogLevel, LogSettings},
    provider::ProviderSettings,
    redis::RedisSettings,
    sqlite_url,
};
pub use notice::{Notice, NoticeLevel};
pub use report::{EffectiveSetting, Report};
pub use secret::Secret;
pub use server_address::ServerAddress;
pub use settings::Settings;
pub use sources::Sources;

/// A duration as settings write it, for command lines: `90s`, `2m`, `1h30m`, up to 720h.
///
/// # Errors
/// What would be right.
pub fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    parse::duration::parse(text)
}

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
