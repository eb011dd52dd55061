//! Without any source.

use crate::{load, sources};
use dispatcher_domain::{
    BreakerPolicy, DeliveryPolicy, DispatchPolicy, InstanceName, MessageLimits, Ordering,
    RetryPolicy,
};
use dispatcher_settings::{DatabaseSettings, LogFormat, LogLevel, Settings, SslMode};
use std::time::Duration;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn defaults_are_those_of_the_go_service_and_of_the_design() {
    let Settings { database, redis, http, log, provider, dispatch, legacy, .. } = load(&[]);
    let DatabaseSettings::Postgres(database) = database else { panic!("{database:?}") };

    assert_eq!((database.servers[0].host.as_str(), database.servers[0].port), ("localhost", 5432));
    assert_eq!((database.name.as_str(), database.user.as_str()), ("messages_db", "postgres"));
    assert_eq!(database.password.expose(), "password");
    assert_eq!((database.sslmode, database.sslrootcert), (SslMode::Disable, None));
    assert_eq!((database.pool_size, database.timeout), (16, seconds(5)));

    assert_eq!((redis.host.as_str(), redis.port, redis.db), ("localhost", 6379, 0));
    assert_eq!((redis.user, redis.password, redis.ca_file), (None, None, None));
    assert!(!redis.tls && !redis.explicit);
    assert_eq!((redis.pool_size, redis.timeout), (8, seconds(1)));

    assert_eq!((http.host.as_str(), http.port), ("127.0.0.1", 8080));
    assert_eq!((log.level, log.format), (LogLevel::Info, LogFormat::Auto));

    assert_eq!(provider.url.expose(), "http://localhost:3001/send");
    assert_eq!(provider.token.expose(), "mock-token");
    assert_eq!((provider.deadline, provider.key_window), (seconds(6), seconds(86_400)));
    assert_eq!((provider.not_sent_statuses, provider.ca_file), (vec![429], None));
    assert!(!provider.empty_ok && !provider.idempotent && provider.look_up_url.is_none());

    assert_eq!(dispatch.policy, DispatchPolicy::default());
    assert_eq!(dispatch.policy.ordering, Ordering::Strict);
    assert_eq!((dispatch.policy.batch_size.get(), dispatch.policy.period), (2, seconds(120)));
    assert_eq!((dispatch.lease, dispatch.rescue_grace), (seconds(60), seconds(5)));
    assert_eq!((dispatch.max_in_flight.get(), dispatch.max_rate), (64, None));
    assert_eq!(dispatch.retry, RetryPolicy::default());
    assert_eq!((dispatch.retry.base, dispatch.retry.cap), (seconds(30), seconds(3600)));
    assert_eq!(dispatch.retry.max_tries, 8);
    assert_eq!(dispatch.breaker, BreakerPolicy::default());
    assert_eq!(dispatch.shutdown_timeout, seconds(30));
    assert_eq!(dispatch.limits, MessageLimits { max_content_length: 160 });
    assert_eq!(dispatch.delivery_policy, DeliveryPolicy::AtMostOnce);

    assert_eq!(legacy.timezone, "UTC");
    assert_eq!(legacy.distributed_lock_ignored, [""; 0]);
}

/// All that it reads; the address must be one with https by design.
#[test]
fn an_environment_of_the_go_service_goes_on_working() {
    load(&[
        ("DB_HOST", "postgres"),
        ("DB_PORT", "5432"),
        ("DB_NAME", "messages_db"),
        ("DB_USER", "postgres"),
        ("DB_PASSWORD", "password"),
        ("DB_SSLMODE", "disable"),
        ("REDIS_HOST", "redis"),
        ("REDIS_PORT", "6379"),
        ("REDIS_PASSWORD", ""),
        ("REDIS_DB", "0"),
        ("SERVER_PORT", "8080"),
        ("LOG_LEVEL", "info"),
        ("SMS_API_URL", "https://sms.example.com/send"),
        ("SMS_API_TOKEN", "mock-token"),
        ("BATCH_SIZE", "2"),
        ("PROCESSING_INTERVAL", "2m0s"),
        ("SHUTDOWN_TIMEOUT", "1s"),
        ("MAX_CONTENT_LENGTH", "160"),
        ("DISTRIBUTED_LOCK_ENABLED", "true"),
        ("DISTRIBUTED_LOCK_TTL", "3m"),
        ("DISTRIBUTED_LOCK_KEY", "message-dispatcher:lock"),
    ]);
}

#[test]
fn an_instance_is_named_after_its_host_and_process() {
    let named = |env: &[(&str, &str)]| {
        let mut sources = sources(env);
        sources.pid = 42;
        Settings::load(sources).unwrap().instance
    };
    assert_eq!(named(&[]), InstanceName::new("message-dispatcher-42"));
    assert_eq!(named(&[("HOSTNAME", "pod-1")]), InstanceName::new("pod-1-42"));
    assert_eq!(named(&[("HOSTNAME", "pod-1"), ("INSTANCE_NAME", "eu")]), InstanceName::new("eu"));
    assert!(named(&[("HOSTNAME", &"x".repeat(300))]).as_str().ends_with("x-42"));
}

#[test]
fn every_value_can_be_said_in_full() {
    let settings = load(&[
        ("LOG_LEVEL", "WARN"),
        ("LOG_FORMAT", "json"),
        ("ORDERING", "recipient"),
        ("MAX_IN_FLIGHT", "1024"),
        ("MAX_RATE", "2.5"),
        ("PROCESSING_INTERVAL", "0s"),
        ("RESCUE_GRACE", "0s"),
        ("SERVER_PORT", "0"),
        ("SERVER_HOST", "::1"),
        ("PROVIDER_NOT_SENT_STATUSES", "503, 429"),
        ("PROVIDER_EMPTY_OK", "yes"),
        ("PROVIDER_IDEMPOTENT", "T"),
        ("LEGACY_TIMEZONE", "Europe/Istanbul"),
        ("DELIVERY_POLICY", "AT_LEAST_ONCE"),
        ("PROVIDER_LOOKUP_URL", "https://sms.example.com/messages/{key}"),
        ("AUTH", "off"),
        ("START_STOPPED", "true"),
    ]);
    assert!(settings.dispatch.start_stopped);
    assert_eq!((settings.log.level, settings.log.format), (LogLevel::Warn, LogFormat::Json));
    assert_eq!(settings.dispatch.policy.ordering, Ordering::Recipient);
    assert!(!settings.dispatch.policy.has_quota());
    assert_eq!(settings.dispatch.max_in_flight.get(), 1024);
    assert_eq!(settings.dispatch.max_rate.unwrap().per_second(), 2.5);
    assert_eq!((settings.http.host.as_str(), settings.http.port), ("::1", 0));
    assert_eq!(settings.provider.not_sent_statuses, [429, 503]);
    assert!(settings.provider.empty_ok && settings.provider.idempotent);
    let look_up = settings.provider.look_up_url.unwrap();
    assert_eq!(look_up.expose(), "https://sms.example.com/messages/{key}");
    assert_eq!(settings.dispatch.delivery_policy, DeliveryPolicy::AtLeastOnce);
    assert_eq!(settings.legacy.timezone, "Europe/Istanbul");
}
