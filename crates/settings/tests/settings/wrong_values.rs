//! Each wrong value alone.

use crate::mistakes;
use std::collections::BTreeSet;

const DURATION: &str =
    "must be a duration such as 90s, 2m, 1h30m or 500ms (units: ns, us, ms, s, m, h)";
const HOST: &str = "must be a host name or address alone, without scheme, port or blanks";
const PORT: &str = "must be a whole number from 1 to 65535";
const POOL: &str = "must be a whole number from 1 to 1024";
const SWITCH: &str = "must be true or false";
const ZERO: &str = "must be longer than 0s";
const NO_FILE: &str = "must be a file that can be read: ";

/// Variable, wrong value, beginning of what is said about it.
const TABLE: &[(&str, &str, &str)] = &[
    ("DATABASE_URL", "mysql://h/db", "must begin with postgres:// or postgresql:// and look like"),
    ("DATABASE_URL", "sqlite://data.db", "has two slashes, after which a host would stand"),
    ("DATABASE_URL", "postgres://h/db?options=x", "has an unknown query parameter options;"),
    ("DB_HOST", "db:5432", HOST),
    ("DB_PORT", "0", PORT),
    ("DB_PORT", "65536", PORT),
    ("DB_SSLMODE", "prefer", "must be one of disable, require, verify-ca, verify-full"),
    ("DB_SSLMODE", "allow", "must be one of disable, require, verify-ca, verify-full"),
    ("DB_SSLROOTCERT", "no/such/file.pem", NO_FILE),
    ("DB_POOL_SIZE", "0", POOL),
    ("DB_TIMEOUT", "0s", ZERO),
    ("REDIS_URL", "http://h", "must begin with redis:// or rediss:// and look like redis://"),
    ("REDIS_URL", "redis://h?protocol=3", "has an unknown query parameter protocol;"),
    ("REDIS_HOST", "a b", HOST),
    ("REDIS_PORT", "none", PORT),
    ("REDIS_DB", "-1", "must be a whole number from 0 to 65535"),
    ("REDIS_CA_FILE", "/does/not/exist.pem", NO_FILE),
    ("REDIS_POOL_SIZE", "1025", POOL),
    ("REDIS_TIMEOUT", "1", "needs a unit: 1s"),
    ("SERVER_HOST", "127.0.0.1:8080", HOST),
    ("SERVER_PORT", "65536", "must be a whole number from 0 to 65535"),
    ("AUTH", "basic", "must be off or unset: this version cannot authenticate anyone"),
    ("LOG_LEVEL", "verbose", "must be one of debug, info, warn, error"),
    ("LOG_FORMAT", "xml", "must be one of auto, json, text"),
    ("SMS_API_URL", "ftp://sms.example.com", "must begin with https:// or http:// and a host"),
    ("SMS_API_URL", "sms.example.com/send", "must be a URL such as https://"),
    ("SMS_API_TOKEN", "token\n", "has a character that no HTTP header can carry"),
    ("SMS_ALLOW_PLAINTEXT", "maybe", SWITCH),
    ("SMS_CA_FILE", ".", "must be a file"),
    ("SEND_TIMEOUT", "0s", ZERO),
    ("PROVIDER_NOT_SENT_STATUSES", "200", "must be HTTP statuses from 400 to 599"),
    ("PROVIDER_EMPTY_OK", "2", SWITCH),
    ("PROVIDER_IDEMPOTENT", "on", SWITCH),
    ("PROVIDER_KEY_WINDOW", "0s", ZERO),
    ("PROVIDER_LOOKUP_URL", "https://sms.example.com/messages", "must contain {key}, where the"),
    ("PROVIDER_LOOKUP_URL", "ftp://sms.example.com/{key}", "must begin with https:// or http://"),
    ("PROVIDER_LOOKUP_URL", "https://{key}.example.com", "must have {key} in its path or its"),
    ("BATCH_SIZE", "0", "must be a whole number from 1 to 10000"),
    ("BATCH_SIZE", "10001", "must be a whole number from 1 to 10000"),
    ("PROCESSING_INTERVAL", "120", "needs a unit: 120s or 2m"),
    ("PROCESSING_INTERVAL", "-2m", "must not be negative"),
    ("PROCESSING_INTERVAL", "721h", "must be at most 720h (30 days)"),
    ("ORDERING", "fifo", "must be one of strict, recipient, none"),
    ("MAX_IN_FLIGHT", "1025", POOL),
    ("MAX_RATE", "0", "must be messages per second, a decimal number"),
    ("LEASE", "0s", ZERO),
    ("RESCUE_GRACE", "soon", DURATION),
    ("DELIVERY_POLICY", "always", "must be one of at_most_once, at_least_once"),
    ("RETRY_BASE", "1d", DURATION),
    ("RETRY_CAP", "0s", ZERO),
    ("RETRY_MAX_TRIES", "0", "must be a whole number from 1 to 1000"),
    ("START_STOPPED", "stopped", SWITCH),
    ("SHUTDOWN_TIMEOUT", "0s", ZERO),
    ("MAX_CONTENT_LENGTH", "10001", "must be a whole number from 1 to 10000"),
    ("LEGACY_TIMEZONE", "+03:00", "must be the name of a time zone such as UTC"),
];

/// Any text is right for these; the last three are ignored.
const FREE: &[&str] = &[
    "DB_NAME",
    "DB_USER",
    "DB_PASSWORD",
    "REDIS_PASSWORD",
    "INSTANCE_NAME",
    "DISTRIBUTED_LOCK_ENABLED",
    "DISTRIBUTED_LOCK_TTL",
    "DISTRIBUTED_LOCK_KEY",
];

#[test]
fn each_wrong_value_alone_gets_one_clear_line() {
    for (variable, value, problem) in TABLE {
        let lines = mistakes(&[(variable, value)]);
        let [line] = lines.as_slice() else { panic!("{variable}={value}: {lines:?}") };
        let (place, said) = line.split_once(": ").unwrap();
        assert!(place.starts_with(variable) && place.ends_with("(environment)"), "{line}");
        assert!(said.starts_with(problem), "{line}");
    }
}

#[test]
fn every_variable_of_the_manual_is_read() {
    let manual = include_str!("../../defaults.toml");
    let keys = manual.lines().filter_map(|line| line.split_once(" = \"")).map(|(key, _)| key);
    let keys = keys.filter(|key| !key.starts_with('#')).map(str::to_uppercase);
    let tested = TABLE.iter().map(|(name, ..)| *name).chain(FREE.iter().copied());
    let tested: BTreeSet<_> = tested.map(str::to_owned).collect();
    assert_eq!(keys.collect::<BTreeSet<_>>(), tested);
}
