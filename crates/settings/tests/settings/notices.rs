//! What is said about settings that are valid.

use crate::load;
use dispatcher_settings::NoticeLevel::{self, Info, Warn};

fn notices(env: &[(&str, &str)]) -> Vec<(NoticeLevel, String)> {
    load(env).notices().into_iter().map(|notice| (notice.level, notice.to_string())).collect()
}

/// What is said beyond what the defaults say.
fn beyond_defaults(env: &[(&str, &str)]) -> Vec<(NoticeLevel, String)> {
    let usual = notices(&[]);
    notices(env).into_iter().filter(|notice| !usual.contains(notice)).collect()
}

/// The same, and it must be one line.
fn said(env: &[(&str, &str)]) -> (NoticeLevel, String) {
    let mut new = beyond_defaults(env);
    assert_eq!(new.len(), 1, "{env:?}: {new:?}");
    new.remove(0)
}

#[test]
fn the_defaults_only_say_that_the_database_connection_is_not_encrypted() {
    let line = "DB_SSLMODE=disable: the database connection is not encrypted";
    assert_eq!(notices(&[]), [(Info, line.to_owned())]);
    assert_eq!(notices(&[("DB_SSLMODE", "verify-full")]), []);
}

#[test]
fn variables_of_the_lock_are_accepted_and_ignored() {
    let env = [("DISTRIBUTED_LOCK_ENABLED", "true"), ("DISTRIBUTED_LOCK_TTL", "nonsense")];
    let names = "DISTRIBUTED_LOCK_ENABLED, DISTRIBUTED_LOCK_TTL";
    let line = format!("{names} accepted and ignored: the cadence needs no lock");
    assert_eq!(said(&env), (Info, line));
    let ignored = load(&env).legacy.distributed_lock_ignored;
    assert_eq!(ignored.join(", "), names);
}

#[test]
fn risks_that_were_taken_are_said_aloud() {
    let sms = ("SMS_API_URL", "https://sms.example.com");
    let token = ("SMS_API_TOKEN", "x");
    let plain = ("SMS_ALLOW_PLAINTEXT", "true");
    let there = ("DB_HOST", "db.example.com");
    let idempotent = ("PROVIDER_IDEMPOTENT", "true");
    let table: [(&[(&str, &str)], &str); 22] = [
        (&[there, ("DB_PASSWORD", "x")], "travel to db.example.com in the open"),
        (&[there, ("DB_SSLMODE", "verify-full")], "db.example.com gets the default that everybody"),
        (&[("DB_SSLMODE", "require")], "encrypts but verifies nothing"),
        (&[("REDIS_URL", "redis://:x@cache")], "the password of Redis travels to cache in the"),
        (
            &[("SMS_API_URL", "http://sms.example.com"), token, plain],
            "token and messages travel to sms.example.com in the open",
        ),
        (&[sms], "SMS_API_TOKEN is not set: sms.example.com gets the token of the mock"),
        (&[token], "SMS_API_URL is not set: messages and SMS_API_TOKEN go to a mock provider"),
        (
            &[sms, token, ("PROVIDER_LOOKUP_URL", "http://sms.example.com/{key}"), plain],
            "travels to PROVIDER_LOOKUP_URL in the open",
        ),
        (
            &[sms, token, ("PROVIDER_LOOKUP_URL", "https://other.example.com/{key}")],
            "PROVIDER_LOOKUP_URL is at other.example.com and SMS_API_URL at sms.example.com",
        ),
        (&[("PROVIDER_NOT_SENT_STATUSES", "429,502,503,504")], "has 502, 504, which may be"),
        (&[idempotent, ("PROVIDER_KEY_WINDOW", "1m")], "=1m is not longer than LEASE=1m"),
        (&[("DELIVERY_POLICY", "at_least_once")], "may arrive twice"),
        (&[("SERVER_HOST", "0.0.0.0"), ("AUTH", "off")], "whoever reaches SERVER_HOST=0.0.0.0"),
        (&[("AUTH", "off")], "whoever is let in by a proxy in front can enqueue"),
        (&[("START_STOPPED", "true")], "switches sending off on all of them"),
        (&[("SHUTDOWN_TIMEOUT", "5s")], "write SHUTDOWN_TIMEOUT=6s or more"),
        (&[("LEASE", "7s")], "later than after 500ms is given back unsent; write LEASE=12s or"),
        (&[("LEASE", "11m")], "LEASE=11m is long for ORDERING=strict"),
        (&[("PROCESING_INTERVAL", "30s")], "did you mean PROCESSING_INTERVAL?"),
        (&[("db_host", "db")], "did you mean DB_HOST?"),
        (&[("DB_USER_FILE", "/x")], "only secrets may stand in files; set DB_USER"),
        (&[("DB_PASSWROD_FILE", "/x")], "did you mean DB_PASSWORD_FILE?"),
    ];
    for (env, part) in table {
        let (level, line) = said(env);
        assert_eq!(level, Warn, "{line}");
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn what_is_safe_is_no_risk() {
    let sms = ("SMS_API_URL", "https://sms.example.com");
    let safe: [&[(&str, &str)]; 6] = [
        &[sms, ("SMS_API_TOKEN", "x"), ("PROVIDER_LOOKUP_URL", "https://sms.example.com/?{key}")],
        &[("REDIS_URL", "rediss://:x@cache")],
        &[("REDIS_PASSWORD", "x")],
        &[("LEASE", "12s")],
        &[("LEASE", "11m"), ("ORDERING", "recipient")],
        &[("PROVIDER_IDEMPOTENT", "true")],
    ];
    for env in safe {
        assert_eq!(beyond_defaults(env), [], "{env:?}");
    }
}

#[test]
fn tries_that_do_not_fit_into_the_key_window_are_told_with_those_that_would() {
    let idempotent = ("PROVIDER_IDEMPOTENT", "true");
    let many = [idempotent, ("RETRY_MAX_TRIES", "100")];
    // 30 s to 32 min are seven waits; 22 of an hour more fit into 24 h - 60 s.
    let (level, line) = said(&many);
    assert!(level == Info && line.contains("RETRY_MAX_TRIES=30 would fit"), "{line}");
    assert_eq!(beyond_defaults(&[idempotent, ("RETRY_MAX_TRIES", "30")]), []);
    let twice = ("DELIVERY_POLICY", "at_least_once");
    assert!(said(&[many[0], many[1], twice]).1.contains("may arrive twice"), "no window counts");
}

#[test]
fn a_pace_that_is_none_or_cannot_be_kept_is_said() {
    let unlimited = [("PROCESSING_INTERVAL", "0s")];
    assert!(said(&unlimited).1.contains("as fast as the provider answers"));
    assert_eq!(beyond_defaults(&[unlimited[0], ("MAX_RATE", "5")]), []);
    let useless = [unlimited[0], ("MAX_RATE", "5"), ("BATCH_SIZE", "3")];
    assert!(said(&useless).1.contains("BATCH_SIZE has no effect with PROCESSING_INTERVAL=0s"));
    let slow = [("MAX_RATE", "0.01"), ("BATCH_SIZE", "2")];
    assert!(said(&slow).1.contains("at most 1.2 of BATCH_SIZE=2 in each PROCESSING_INTERVAL=2m"));
    assert_eq!(beyond_defaults(&[("MAX_RATE", "0.02")]), []);
}

#[test]
fn what_has_less_effect_than_one_may_think_is_said() {
    let no_effect = |env: &[(&str, &str)]| {
        let (level, line) = said(env);
        assert!(level == Info && line.contains("has no effect"), "{line}");
    };
    no_effect(&[("RETRY_MAX_TRIES", "3")]);
    let idempotent = ("PROVIDER_IDEMPOTENT", "true");
    let used = [idempotent, ("PROVIDER_KEY_WINDOW", "48h"), ("RETRY_MAX_TRIES", "3")];
    assert_eq!(notices(&used), notices(&[]));
    assert!(said(&[("MAX_IN_FLIGHT", "64")]).1.contains("no effect with ORDERING=strict"));
    assert_eq!(notices(&[("MAX_IN_FLIGHT", "64"), ("ORDERING", "none")]), notices(&[]));
}
