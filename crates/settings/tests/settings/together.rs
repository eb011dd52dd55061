//! Values that are wrong together, and several mistakes at once.

use crate::{load, mistakes, mistakes_in, postgres, sources};
use dispatcher_settings::{LEASE_MARGIN, Settings};

#[test]
fn all_mistakes_come_together_each_with_its_variable_and_source() {
    let env = [
        ("DB_PORT", "none"),
        ("REDIS_DB", "x"),
        ("LEASE", "60"),
        ("RETRY_BASE", "2h"),
        ("SERVER_HOST", "0.0.0.0"),
    ];
    let errors = Settings::load(sources(&env)).unwrap_err();
    let text = errors.to_string();
    assert!(text.starts_with("5 settings are wrong:\n"), "{text}");
    let variables: Vec<_> = errors.iter().map(|error| error.variables().join("+")).collect();
    assert_eq!(
        variables,
        ["DB_PORT", "REDIS_DB", "SERVER_HOST+AUTH", "LEASE", "RETRY_BASE+RETRY_CAP"]
    );
    assert!(text.contains(r#"RETRY_BASE="2h" (environment), RETRY_CAP="1h" (default): "#));
}

#[test]
fn a_lease_must_outlast_the_longest_send() {
    assert_eq!(LEASE_MARGIN.as_secs(), 1);
    load(&[("LEASE", "11s"), ("SEND_TIMEOUT", "10s")]);
    let lines = mistakes(&[("LEASE", "10999ms"), ("SEND_TIMEOUT", "10s")]);
    assert!(lines[0].contains("LEASE=") && lines[0].contains("SEND_TIMEOUT="), "{lines:?}");
    assert!(lines[0].contains("write LEASE=11s or more"), "{lines:?}");
    assert!(mistakes(&[("SEND_TIMEOUT", "60s")])[0].contains(r#"LEASE="60s" (default)"#));
}

#[test]
fn several_database_servers_have_one_port_or_one_each() {
    let servers = |ports| -> Vec<_> {
        let database = postgres(load(&[("DB_HOST", "a,b"), ("DB_PORT", ports)]));
        database.servers.iter().map(ToString::to_string).collect()
    };
    assert_eq!(servers("6432"), ["a:6432", "b:6432"]);
    assert_eq!(servers("6432,6433"), ["a:6432", "b:6433"]);
    let lines = mistakes(&[("DB_HOST", "a,b"), ("DB_PORT", "1,2,3")]);
    assert!(lines[0].ends_with("one port for all servers of DB_HOST, or a list with one for each"));
    assert!(lines[0].contains("DB_HOST=") && lines[0].contains("DB_PORT="), "{lines:?}");
    assert_eq!(mistakes(&[("DB_HOST", "a,,b"), ("DB_PORT", "1,2,3")]).len(), 1);
}

#[test]
fn a_value_wrong_by_itself_is_not_blamed_twice() {
    assert_eq!(mistakes(&[("LEASE", "soon"), ("SEND_TIMEOUT", "70s")]).len(), 1);
    assert_eq!(mistakes(&[("AUTH", "basic"), ("SERVER_HOST", "0.0.0.0")]).len(), 1);
}

#[test]
fn the_first_wait_must_not_exceed_the_longest() {
    load(&[("RETRY_BASE", "1m"), ("RETRY_CAP", "1m")]);
    let lines = mistakes(&[("RETRY_BASE", "61s"), ("RETRY_CAP", "1m")]);
    assert!(lines[0].ends_with("write RETRY_CAP=61s or more"), "{lines:?}");
}

#[test]
fn listening_for_others_without_authentication_must_be_said_aloud() {
    for host in ["0.0.0.0", "::", "10.0.0.1", "dispatcher.example.com"] {
        let lines = mistakes(&[("SERVER_HOST", host)]);
        assert!(lines[0].contains("AUTH (unset)") && lines[0].contains("write AUTH=off"), "{host}");
        load(&[("SERVER_HOST", host), ("AUTH", "off")]);
    }
    load(&[("SERVER_HOST", "localhost")]);
}

#[test]
fn plain_http_to_another_machine_must_be_said_aloud() {
    let url = ("SMS_API_URL", "http://sms.example.com/send");
    let lines = mistakes(&[url]);
    assert!(lines[0].contains("SMS_ALLOW_PLAINTEXT=true if that is meant"), "{lines:?}");
    load(&[url, ("SMS_ALLOW_PLAINTEXT", "true")]);
    load(&[("SMS_API_URL", "https://sms.example.com/send")]);
    let look_up = ("PROVIDER_LOOKUP_URL", "http://sms.example.com/{key}");
    let lines = mistakes(&[look_up]);
    assert!(lines[0].contains("the token would travel to another machine"), "{lines:?}");
    load(&[look_up, ("SMS_ALLOW_PLAINTEXT", "true")]);
}

#[test]
fn messages_are_not_sent_to_this_service_itself() {
    let own = ("SMS_API_URL", "http://localhost:8080/send");
    let lines = mistakes(&[own]);
    assert!(lines[0].contains(r#"SERVER_PORT="8080" (default)"#), "{lines:?}");
    assert!(lines[0].contains("write the provider's address in SMS_API_URL"), "{lines:?}");
    load(&[own, ("SERVER_PORT", "8081")]);
    load(&[("SMS_API_URL", "https://sms.example.com:8080")]);
}

#[test]
fn a_conflict_of_an_idempotent_provider_is_never_proof_of_not_sent() {
    let statuses = ("PROVIDER_NOT_SENT_STATUSES", "409,429");
    load(&[statuses]);
    let lines = mistakes(&[statuses, ("PROVIDER_IDEMPOTENT", "true")]);
    assert!(lines[0].contains("leave 409 out of PROVIDER_NOT_SENT_STATUSES"), "{lines:?}");
}

#[test]
fn a_root_certificate_that_would_not_be_used_to_verify_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let cert = ("DB_SSLROOTCERT", file.path().to_str().unwrap());
    let lines = mistakes(&[cert, ("DB_SSLMODE", "require")]);
    assert!(lines[0].contains("write DB_SSLMODE=verify-full"), "{lines:?}");
    for mode in ["verify-ca", "verify-full", "disable"] {
        let settings = load(&[cert, ("DB_SSLMODE", mode)]);
        assert_eq!(postgres(settings.clone()).sslrootcert.as_deref(), Some(file.path()));
    }
}

#[test]
fn an_authority_for_a_redis_that_is_not_verified_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let ca = ("REDIS_CA_FILE", file.path().to_str().unwrap());
    for plain in [None, Some(("REDIS_URL", "redis://cache:7000"))] {
        let env: Vec<_> = plain.into_iter().chain([ca]).collect();
        assert!(mistakes(&env)[0].contains("write REDIS_URL=rediss://"), "{env:?}");
    }
    let settings = load(&[ca, ("REDIS_URL", "rediss://cache:7000")]);
    assert_eq!(settings.redis.ca_file.as_deref(), Some(file.path()));
}

#[test]
fn an_unknown_override_is_a_mistake_and_an_unknown_variable_is_not() {
    load(&[("DB_HOSTILE_NAME", "x"), ("SERVER_SOFTWARE", "x")]);
    let lines = mistakes_in(sources(&[]).with_override("batch_sizes", "3"));
    assert_eq!(lines, ["BATCH_SIZES (override): is no setting; did you mean BATCH_SIZE?"]);
}

#[test]
fn a_value_that_is_no_text_is_a_mistake_if_it_is_ours() {
    let mut sources = sources(&[]);
    sources.not_unicode = vec!["DB_PASSWORD".to_owned(), "SOMEBODY_ELSES".to_owned()];
    assert_eq!(mistakes_in(sources), ["DB_PASSWORD (environment): must be UTF-8 text"]);
}
