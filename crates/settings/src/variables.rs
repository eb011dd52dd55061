//! The one table of all variables. To add one: a name here, its default and
//! meaning in `defaults.toml`, and the line in `groups` that reads it. Tests
//! and compiler name whichever is missing.

use crate::kind::Kind;

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
    pub(crate) kind: Kind,
    /// The value, or a part of it, must never be shown. Each such variable has
    /// a companion, [`Variable::file_name`].
    pub(crate) secret: bool,
    /// Of a secret: the variable that names a file with the value instead.
    pub(crate) file_name: Option<&'static str>,
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

    /// The variable of that name in `defaults.toml`.
    pub(crate) fn of_key(key: &str) -> Self {
        Self::named(&key.to_ascii_uppercase()).expect("the manual and the table agree: tested")
    }

    /// All names that mean something to us, those of files included.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().flat_map(|variable| [Some(variable.name), variable.file_name]).flatten()
    }
}

macro_rules! variables {
    (@secret) => { false };
    (@secret secret) => { true };
    (@file $name:ident) => { None };
    (@file $name:ident secret) => { Some(concat!(stringify!($name), "_FILE")) };
    ($($name:ident in $group:ident: $kind:ident $($secret:ident)?;)*) => {
        $(pub(crate) const $name: Variable = Variable {
            name: stringify!($name),
            group: Group::$group,
            kind: Kind::$kind,
            secret: variables!(@secret $($secret)?),
            file_name: variables!(@file $name $($secret)?),
        };)*

        /// All of them.
        pub(crate) const ALL: &[Variable] = &[$($name),*];
    };
}

variables! {
    DATABASE_URL in Database: Url secret;
    DB_HOST in Database: Hosts;
    DB_PORT in Database: Ports;
    DB_NAME in Database: Text;
    DB_USER in Database: Text;
    DB_PASSWORD in Database: Text secret;
    DB_SSLMODE in Database: Word;
    DB_SSLROOTCERT in Database: File;
    DB_POOL_SIZE in Database: Number;
    DB_TIMEOUT in Database: Duration;
    REDIS_URL in Redis: Url secret;
    REDIS_HOST in Redis: Host;
    REDIS_PORT in Redis: Number;
    REDIS_PASSWORD in Redis: Text secret;
    REDIS_DB in Redis: Number;
    REDIS_CA_FILE in Redis: File;
    REDIS_POOL_SIZE in Redis: Number;
    REDIS_TIMEOUT in Redis: Duration;
    SERVER_HOST in Http: Host;
    SERVER_PORT in Http: Number;
    AUTH in Http: Word;
    LOG_LEVEL in Log: Word;
    LOG_FORMAT in Log: Word;
    INSTANCE_NAME in Log: Text;
    SMS_API_URL in Provider: Url secret;
    SMS_API_TOKEN in Provider: Text secret;
    SMS_ALLOW_PLAINTEXT in Provider: Switch;
    SMS_CA_FILE in Provider: File;
    SEND_TIMEOUT in Provider: Duration;
    PROVIDER_NOT_SENT_STATUSES in Provider: Statuses;
    PROVIDER_EMPTY_OK in Provider: Switch;
    PROVIDER_IDEMPOTENT in Provider: Switch;
    PROVIDER_KEY_WINDOW in Provider: Duration;
    PROVIDER_LOOKUP_URL in Provider: Url secret;
    BATCH_SIZE in Dispatch: Number;
    PROCESSING_INTERVAL in Dispatch: Duration;
    ORDERING in Dispatch: Word;
    MAX_IN_FLIGHT in Dispatch: Number;
    MAX_RATE in Dispatch: Rate;
    LEASE in Dispatch: Duration;
    RESCUE_GRACE in Dispatch: Duration;
    DELIVERY_POLICY in Dispatch: Word;
    RETRY_BASE in Dispatch: Duration;
    RETRY_CAP in Dispatch: Duration;
    RETRY_MAX_TRIES in Dispatch: Number;
    START_STOPPED in Dispatch: Switch;
    SHUTDOWN_TIMEOUT in Dispatch: Duration;
    MAX_CONTENT_LENGTH in Dispatch: Number;
    LEGACY_TIMEZONE in Legacy: Text;
    DISTRIBUTED_LOCK_ENABLED in Ignored: Text;
    DISTRIBUTED_LOCK_TTL in Ignored: Text;
    DISTRIBUTED_LOCK_KEY in Ignored: Text;
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
