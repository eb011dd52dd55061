//! What became of every variable.

use crate::{load, sources};
use dispatcher_settings::{EffectiveSetting, NoticeLevel, Report, Settings, Sources, manual};

fn inspect(env: &[(&str, &str)]) -> Report {
    Settings::inspect(&sources(env))
}

fn entry(report: &Report, name: &str) -> EffectiveSetting {
    report.entries.iter().find(|entry| entry.name == name).expect(name).clone()
}

/// Value and source.
fn told(report: &Report, name: &str) -> (Option<String>, String) {
    let EffectiveSetting { value, source, .. } = entry(report, name);
    (value, source)
}

fn value_from(value: &str, source: &str) -> (Option<String>, String) {
    (Some(value.to_owned()), source.to_owned())
}

#[test]
fn every_variable_is_told_once_in_the_order_of_the_manual() {
    let lines = manual::defaults().lines().filter(|line| !line.starts_with('#'));
    let keys = lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_uppercase()));
    let names: Vec<_> = inspect(&[]).entries.iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(names, keys.collect::<Vec<_>>());
}

#[test]
fn each_value_comes_with_its_source() {
    let directory = tempfile::tempdir().unwrap();
    let (dotenv, secret) = (directory.path().join(".env"), directory.path().join("token"));
    std::fs::write(&dotenv, "BATCH_SIZE=3\nLEASE=30s\n").unwrap();
    std::fs::write(&secret, "hush").unwrap();
    let env = [
        ("LEASE", " 40s "),
        ("DATABASE_URL", "postgres://me:hush@db/queue"),
        ("DB_TIMEOUT", "5s"),
        ("SMS_API_TOKEN_FILE", secret.to_str().unwrap()),
    ];
    let sources =
        Sources { dotenv: Some(dotenv), ..sources(&env) }.with_override("ORDERING", "none");
    let report = Settings::inspect(&sources);
    assert_eq!(report.verdict, Ok(()));
    assert_eq!(told(&report, "BATCH_SIZE"), value_from("3", ".env"));
    assert_eq!(told(&report, "LEASE"), value_from("\" 40s \"", "environment"));
    assert_eq!(told(&report, "ORDERING"), value_from("none", "override"));
    assert_eq!(told(&report, "DATABASE_URL"), value_from("***", "environment"));
    assert_eq!(told(&report, "DB_HOST"), value_from("db", "DATABASE_URL"));
    assert_eq!(told(&report, "DB_PASSWORD"), value_from("***", "DATABASE_URL"));
    assert_eq!(told(&report, "DB_PORT"), value_from("5432", "default"));
    assert_eq!(told(&report, "MAX_RATE"), (None, "default".to_owned()));
    let file = format!("environment (SMS_API_TOKEN_FILE={})", secret.display());
    assert_eq!(told(&report, "SMS_API_TOKEN"), value_from("***", &file));
    let changed = |name| entry(&report, name).changed;
    assert!(changed("BATCH_SIZE") && changed("DB_HOST") && changed("SMS_API_TOKEN"));
    assert!(!changed("DB_PORT") && !changed("DB_TIMEOUT"), "the same as the default");
}

#[test]
fn urls_are_told_without_anything_that_may_be_secret() {
    let report = inspect(&[
        ("SMS_API_URL", "https://u:hush@sms.example.com:8443/hush/send?key=hush"),
        ("PROVIDER_LOOKUP_URL", "https://sms.example.com/hush/{key}?key=hush"),
        ("DB_HOST", "postgres://u:hush@db"),
        ("INSTANCE_NAME", "u:hush@db"),
    ]);
    let value = |name| entry(&report, name).value.unwrap();
    assert_eq!(value("SMS_API_URL"), "https://…@sms.example.com:8443/…?…");
    assert_eq!(value("PROVIDER_LOOKUP_URL"), "https://sms.example.com/…?…");
    assert_eq!((value("DB_HOST").as_str(), value("INSTANCE_NAME").as_str()), ("***", "***"));
    assert!(!format!("{report} {report:?}").contains("hush"));
    let report = inspect(&[("DATABASE_URL", "sqlite:///var/queue.db"), ("SMS_API_URL", "hush")]);
    assert_eq!(told(&report, "DATABASE_URL"), value_from("sqlite:///var/queue.db", "environment"));
    assert_eq!(entry(&report, "SMS_API_URL").value.unwrap(), "***");
}

#[test]
fn no_secret_is_told_wherever_it_stands() {
    const HUSH: &str = "hush-481516";
    for entry in inspect(&[]).entries {
        let in_url = format!("https://u:{HUSH}@h/{HUSH}?{HUSH}={{key}}#{HUSH}");
        let with_scheme =
            ["postgres", "redis", "sqlite"].map(|scheme| format!("{scheme}://u:{HUSH}@h/q"));
        let secret = entry.secret.then(|| HUSH.to_owned());
        for value in [in_url].into_iter().chain(with_scheme).chain(secret) {
            let report = inspect(&[(entry.name, &value)]);
            let all = format!("{report} {report:?} {:?}", report.verdict);
            assert!(!all.contains("481516"), "{}={value}: {all}", entry.name);
        }
    }
}

#[test]
fn what_is_wrong_is_marked_and_the_rest_is_told_all_the_same() {
    let env = [("DB_PORT", "none"), ("BATCH_SIZE", "7"), ("REDIS_PASSWORD_FILE", "/no/such/file")];
    let report = inspect(&env);
    let errors = report.verdict.clone().unwrap_err();
    assert_eq!(errors, Settings::load(sources(&env)).unwrap_err());
    let wrong: Vec<_> =
        report.entries.iter().filter(|entry| entry.wrong).map(|entry| entry.name).collect();
    assert_eq!(wrong, ["DB_PORT", "REDIS_PASSWORD"]);
    assert_eq!(told(&report, "BATCH_SIZE"), value_from("7", "environment"));
    let source = "environment (REDIS_PASSWORD_FILE)".to_owned();
    assert_eq!(told(&report, "REDIS_PASSWORD"), (None, source));
}

#[test]
fn what_has_no_effect_beside_the_others_is_told() {
    let idle = |env: &[(&str, &str)]| -> Vec<&str> {
        let entries = inspect(env).entries.into_iter();
        entries.filter(|entry| !entry.has_effect).map(|entry| entry.name).collect()
    };
    let lock = ["DISTRIBUTED_LOCK_ENABLED", "DISTRIBUTED_LOCK_TTL", "DISTRIBUTED_LOCK_KEY"];
    assert_eq!(idle(&[]), lock);
    let with_file = idle(&[("DATABASE_URL", "sqlite:q.db")]);
    assert!(with_file.starts_with(&["DB_HOST", "DB_PORT"]), "{with_file:?}");
    assert!(with_file.ends_with(&lock) && !with_file.contains(&"DB_TIMEOUT"), "{with_file:?}");
}

#[test]
fn notices_are_those_of_the_start_and_with_mistakes_only_misspellings() {
    let typo = ("BATCH_SIZES", "3");
    assert_eq!(inspect(&[typo]).notices, load(&[typo]).notices());
    let [notice] = &inspect(&[typo, ("LEASE", "soon")]).notices[..] else { panic!("one notice") };
    assert_eq!(notice.level, NoticeLevel::Warn);
    assert!(notice.text.contains("did you mean BATCH_SIZE?"));
}

#[test]
fn the_text_is_aligned_and_marks_what_is_not_the_default() {
    let text = inspect(&[("DB_HOST", "db"), ("BATCH_SIZE", "none")]).to_string();
    let line = |name: &str| {
        text.lines().find(|line| line.get(2..).is_some_and(|it| it.starts_with(name))).expect(name)
    };
    assert!(line("DB_HOST ").starts_with("* ") && line("DB_PORT ").starts_with("  "));
    assert!(line("BATCH_SIZE ").starts_with("! "));
    let column = |line: &str, word: &str| line.find(word).expect(word);
    assert_eq!(
        column(line("DB_HOST "), "environment"),
        column(line("DISTRIBUTED_LOCK_TTL "), "default")
    );
    assert!(text.contains("\nThe database\n") && text.contains("\nRedis\n"), "{text}");
    assert!(inspect(&[]).to_string().ends_with("\nNothing is wrong with these settings.\n"));
}
