//! Settings of a program that only migrates.

use crate::sources;
use dispatcher_settings::Settings;

#[test]
fn what_is_wrong_elsewhere_does_not_matter_and_is_not_warned_about() {
    let env = [
        ("DB_HOST", "db"),
        ("DB_PASSWORD", "hush"),
        ("DB_SSLMODE", "require"),
        ("LEGACY_TIMEZONE", "Europe/Istanbul"),
        ("SMS_API_URL", "no url"),
        ("SMS_API_TOKEN_FILE", "/nowhere/token"),
        ("LEASE", "60"),
        ("REDIS_DB", "x"),
        ("DELIVERY_POLICY", "at_least_once"),
    ];
    let settings = Settings::load_to_migrate(sources(&env)).unwrap();
    assert_eq!(settings.database.postgres().unwrap().servers[0].host, "db");
    assert_eq!(settings.legacy.timezone, "Europe/Istanbul");
    let notices: Vec<_> = settings.notices().iter().map(ToString::to_string).collect();
    assert!(notices.len() == 1 && notices[0].contains("DB_SSLMODE=require"), "{notices:?}");
}

#[test]
fn what_is_wrong_with_its_own_is_told_all_together_and_nothing_else() {
    let env = [
        ("DB_PORT", "none"),
        ("LOG_LEVEL", "loud"),
        ("LEGACY_TIMEZONE", "+03:00"),
        ("SMS_API_URL", "no url"),
    ];
    let errors = Settings::load_to_migrate(sources(&env)).unwrap_err();
    let names: Vec<_> = errors.iter().flat_map(|error| error.variables()).collect();
    assert_eq!(names, ["DB_PORT", "LOG_LEVEL", "LEGACY_TIMEZONE"]);
}
