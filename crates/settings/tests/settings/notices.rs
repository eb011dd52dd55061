//! What is said about settings that are valid.

use crate::load;
use dispatcher_settings::NoticeLevel::{self, Info, Warn};

fn notices(env: &[(&str, &str)]) -> Vec<(NoticeLevel, String)> {
    load(env).notices().into_iter().map(|notice| (notice.level, notice.to_string())).collect()
}

/// What is said beyond what the defaults say.
fn said(env: &[(&str, &str)]) -> (NoticeLevel, String) {
    let all = notices(env);
    let mut new: Vec<_> =
        all.iter().filter(|notice| !notices(&[]).contains(notice)).cloned().collect();
    assert_eq!(new.len(), 1, "{all:?}");
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
    let look_up = ("PROVIDER_LOOKUP_URL", "http://sms.example.com/{key}");
    let short = [("PROVIDER_IDEMPOTENT", "true"), ("PROVIDER_KEY_WINDOW", "1m")];
    let table: [(&[(&str, &str)], &str); 10] = [
        (&[("DB_HOST", "db.example.com")], "travel to db.example.com in the open"),
        (&[("DB_SSLMODE", "require")], "encrypts but verifies nothing"),
        (
            &[("SMS_API_URL", "http://sms.example.com"), ("SMS_ALLOW_PLAINTEXT", "true")],
            "token and messages travel to sms.example.com in the open",
        ),
        (&[look_up, ("SMS_ALLOW_PLAINTEXT", "true")], "travels to PROVIDER_LOOKUP_URL in the open"),
        (&[("DELIVERY_POLICY", "at_least_once")], "may arrive twice"),
        (&short, "PROVIDER_KEY_WINDOW=1m is not longer than LEASE="),
        (&[("SERVER_HOST", "0.0.0.0"), ("AUTH", "off")], "whoever reaches SERVER_HOST=0.0.0.0"),
        (&[("AUTH", "off")], "whoever is let in by a proxy in front can enqueue"),
        (&[("SHUTDOWN_TIMEOUT", "5s")], "SHUTDOWN_TIMEOUT=5s is shorter than SEND_TIMEOUT=6s"),
        (&[("PROCESING_INTERVAL", "30s")], "did you mean PROCESSING_INTERVAL?"),
    ];
    for (env, part) in table {
        let (level, line) = said(env);
        assert_eq!(level, Warn, "{line}");
        assert!(line.contains(part), "{line}");
    }
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
