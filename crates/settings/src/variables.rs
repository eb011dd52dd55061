//! The one table of all variables. To add one: a name here, its default and
//! meaning in `defaults.toml`, and the line in `groups` that reads it. Tests
//! and compiler name whichever is missing.

/// Which part of the settings a variable belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Database,
    Redis,
    Http,
    Log,
    Provider,
    Dispatch,
    Legacy,
    /// Of the Go service's lock: accepted, without effect.
    Ignored,
}

/// One variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name in the environment.
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    /// The value, or a part of it, must never be shown.
    pub(crate) secret: bool,
}

impl Variable {
    /// Its name in `defaults.toml`.
    pub(crate) fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The variable of that name, written as in the environment.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|variable| variable.name == name)
    }
}

macro_rules! variables {
    (@secret) => { false };
    (@secret secret) => { true };
    ($($name:ident in $group:ident $($secret:ident)?;)*) => {
        $(pub(crate) const $name: Variable = Variable {
            name: stringify!($name),
            group: Group::$group,
            secret: variables!(@secret $($secret)?),
        };)*

        /// All of them.
        pub(crate) const ALL: &[Variable] = &[$($name),*];
    };
}

variables! {
    DATABASE_URL in Database secret;
    DB_HOST in Database;
    DB_PORT in Database;
    DB_NAME in Database;
    DB_USER in Database;
    DB_PASSWORD in Database secret;
    DB_SSLMODE in Database;
    DB_SSLROOTCERT in Database;
    DB_POOL_SIZE in Database;
    DB_TIMEOUT in Database;
    REDIS_URL in Redis secret;
    REDIS_HOST in Redis;
    REDIS_PORT in Redis;
    REDIS_PASSWORD in Redis secret;
    REDIS_DB in Redis;
    REDIS_CA_FILE in Redis;
    REDIS_POOL_SIZE in Redis;
    REDIS_TIMEOUT in Redis;
    SERVER_HOST in Http;
    SERVER_PORT in Http;
    AUTH in Http;
    LOG_LEVEL in Log;
    LOG_FORMAT in Log;
    INSTANCE_NAME in Log;
    SMS_API_URL in Provider secret;
    SMS_API_TOKEN in Provider secret;
    SMS_ALLOW_PLAINTEXT in Provider;
    SMS_CA_FILE in Provider;
    SEND_TIMEOUT in Provider;
    PROVIDER_NOT_SENT_STATUSES in Provider;
    PROVIDER_EMPTY_OK in Provider;
    PROVIDER_IDEMPOTENT in Provider;
    PROVIDER_KEY_WINDOW in Provider;
    PROVIDER_LOOKUP_URL in Provider secret;
    BATCH_SIZE in Dispatch;
    PROCESSING_INTERVAL in Dispatch;
    ORDERING in Dispatch;
    MAX_IN_FLIGHT in Dispatch;
    MAX_RATE in Dispatch;
    LEASE in Dispatch;
    RESCUE_GRACE in Dispatch;
    DELIVERY_POLICY in Dispatch;
    RETRY_BASE in Dispatch;
    RETRY_CAP in Dispatch;
    RETRY_MAX_TRIES in Dispatch;
    SHUTDOWN_TIMEOUT in Dispatch;
    MAX_CONTENT_LENGTH in Dispatch;
    LEGACY_TIMEZONE in Legacy;
    DISTRIBUTED_LOCK_ENABLED in Ignored;
    DISTRIBUTED_LOCK_TTL in Ignored;
    DISTRIBUTED_LOCK_KEY in Ignored;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{DEFAULTS, embedded_defaults};

    #[test]
    fn the_table_and_the_manual_name_the_same_variables() {
        let mut table: Vec<_> = ALL.iter().map(Variable::key).collect();
        table.sort();
        let manual: Vec<_> = embedded_defaults().into_keys().collect();
        assert_eq!(table, manual);
    }

    #[test]
    fn what_looks_like_a_secret_is_marked_as_one() {
        for variable in ALL {
            let looks_secret =
                ["_PASSWORD", "_TOKEN", "_URL"].iter().any(|end| variable.name.ends_with(end));
            assert_eq!(variable.secret, looks_secret, "{}", variable.name);
        }
    }

    #[test]
    fn the_manual_explains_every_variable_with_an_example() {
        for entry in DEFAULTS.split("\n\n").filter(|entry| entry.contains(" = \"")) {
            let setting = entry.lines().last().unwrap_or_default();
            assert!(entry.starts_with("# ") && entry.contains("Example: "), "{setting}");
            let settings = entry.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(settings, 1, "{setting} shares its comment");
        }
    }
}
