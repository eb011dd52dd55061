//! One file for each group: its type, the lines that read it, and the rules
//! that tie its variables to each other.

pub(crate) mod connection_url;
pub(crate) mod database;
pub(crate) mod database_servers;
pub(crate) mod dispatch;
pub(crate) mod http;
pub(crate) mod legacy;
pub(crate) mod log;
mod look_up_url;
pub(crate) mod provider;
mod provider_url;
pub(crate) mod redis;
mod sqlite_url;

pub(crate) use connection_url::shows_no_secret;
pub use look_up_url::LookUpUrl;
pub use provider_url::ProviderUrl;
pub use sqlite_url::sqlite_url;
