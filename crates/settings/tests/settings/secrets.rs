//! No secret in any text.

use crate::{load, sources};
use dispatcher_settings::Settings;

const HUSH: &str = "hush-481516";

fn assert_silent(what: &str, text: &str) {
    assert!(!text.contains("481516"), "{what}: {text}");
}

#[test]
fn settings_sources_and_notices_show_no_secret() {
    let env = [
        ("DATABASE_URL", "postgres://u:hush-481516@db/q"),
        ("REDIS_URL", "redis://u:hush-481516@cache"),
        ("SMS_API_URL", "http://u:hush-481516@sms.example.com/?key=hush-481516"),
        ("PROVIDER_LOOKUP_URL", "http://u:hush-481516@sms.example.com/{key}?key=hush-481516"),
        ("SMS_API_TOKEN", HUSH),
        ("SMS_ALLOW_PLAINTEXT", "true"),
    ];
    let settings = load(&env);
    assert_eq!(settings.provider.token.expose(), HUSH);
    assert_silent("settings", &format!("{settings:?} {settings:#?} {}", settings.provider.url));
    assert_silent("notices", &format!("{:?}", settings.notices()));
    let parts = [("DB_PASSWORD", HUSH), ("REDIS_PASSWORD", HUSH)];
    assert_silent("settings", &format!("{:?}", load(&parts)));
    let sources = sources(&env).with_override("DB_PASSWORD", HUSH);
    assert_silent("sources", &format!("{sources:?}"));
}

#[test]
fn errors_show_no_secret_however_wrong_the_value_is() {
    let wrong = [
        ("DATABASE_URL", "mysql://u:hush-481516@db"),
        ("DATABASE_URL", "postgres://u:hush-481516@db:port"),
        ("DATABASE_URL", "postgres://u:hush-481516@db?x=1"),
        ("DATABASE_URL", "postgres://u:1?hush-481516@db"),
        ("DATABASE_URL", "postgres://u:1/hush-481516@db"),
        ("DATABASE_URL", "postgres://u:1#hush-481516@db"),
        ("DATABASE_URL", "hush-481516"),
        ("DATABASE_URL", "postgres://db?hush-481516=1"),
        ("REDIS_URL", "redis://hush-481516@cache"),
        ("REDIS_URL", "redis://:hush-481516@cache:port"),
        ("REDIS_URL", "redis://:hush-481516@"),
        ("REDIS_URL", "redis://u:1/hush-481516@cache"),
        ("SMS_API_URL", "http://u:hush-481516@sms.example.com"),
        ("SMS_API_URL", "https://u:hush-481516@"),
        ("SMS_API_URL", "hush-481516"),
        ("PROVIDER_LOOKUP_URL", "hush-481516"),
        ("PROVIDER_LOOKUP_URL", "http://u:hush-481516@sms.example.com/{key}"),
        ("SMS_API_TOKEN", "hush-481516\n"),
        ("DB_HOST", "postgres://u:hush-481516@db"),
        ("REDIS_HOST", "u:hush-481516@cache"),
        ("SERVER_HOST", "http://u:hush-481516@h"),
    ];
    for pair in wrong {
        let errors = Settings::load(sources(&[pair])).expect_err(pair.1);
        assert_silent(pair.1, &format!("{errors} {errors:?} {errors:#?}"));
        for error in &errors {
            assert_silent(pair.1, &format!("{error} {error:?} {}", error.problem()));
        }
    }
}

#[test]
fn contradictions_show_no_secret() {
    let env = [
        ("DATABASE_URL", "postgres://u:hush-481516@db"),
        ("DB_PASSWORD", "other-481516"),
        ("REDIS_URL", "redis://:hush-481516@cache"),
        ("REDIS_PASSWORD", "other-481516"),
        ("SMS_API_TOKEN", HUSH),
    ];
    let errors = Settings::load(sources(&env)).unwrap_err();
    assert_eq!(errors.iter().count(), 2);
    assert_silent("contradiction", &format!("{errors} {errors:?}"));
}
