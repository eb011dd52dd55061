//! Settings through the real program: what is wrong with them, and what
//! `config` tells about them. No database and no provider are needed.

use dispatcher_wiring::exit;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const HUSH: &str = "hush-481516";

/// Runs the program to its end, in a directory of its own.
fn run_in(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
    command.args(arguments).env_clear().current_dir(directory);
    let output = command.envs(environment.iter().copied()).output().expect("the program runs");
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let directory = tempfile::tempdir().expect("a directory");
    run_in(directory.path(), arguments, environment)
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    /// The lines about each mistake.
    fn mistakes(&self) -> Vec<&str> {
        self.err.lines().filter_map(|line| line.strip_prefix("  ")).collect()
    }
}

/// Variable, wrong value, and what is said would be right.
const WRONG: [(&str, &str, &str); 20] = [
    ("DATABASE_URL", "mysql://u:hush-481516@db/q", "must begin with postgres:// or postgresql://"),
    ("DATABASE_URL", "postgres://u:hush#481516@db/q", "percent-encoded (# is %23"),
    ("DATABASE_URL", "sqlite://queue.db", "write sqlite:///var/lib/dispatcher/messages.db"),
    ("DB_PORT", "70000", "must be a whole number from 1 to 65535"),
    ("DB_SSLMODE", "prefer", "must be one of disable, require, verify-ca, verify-full"),
    ("DB_PASSWORD_FILE", "/no/such/file", "cannot be read"),
    ("REDIS_URL", "http://:hush-481516@cache", "must begin with redis:// or rediss://"),
    ("REDIS_PORT", "tcp://10.0.0.1:6379", "enableServiceLinks: false"),
    ("REDIS_CA_FILE", "/no/such/file", "must be a file that can be read"),
    ("SERVER_HOST", "0.0.0.0", "write AUTH=off as well if a firewall or proxy keeps them out"),
    ("SMS_API_URL", "http://u:hush-481516@sms.example.com", "write https:// in SMS_API_URL"),
    ("SMS_API_URL", "http://localhost:8080/send", "another SERVER_PORT"),
    ("SMS_API_TOKEN", "hush-481516\n", "is there a line break"),
    ("PROVIDER_LOOKUP_URL", "https://sms.example.com/481516", "must contain {key}"),
    ("PROCESSING_INTERVAL", "120", "needs a unit: 120s or 2m"),
    ("BATCH_SIZE", "0", "must be a whole number from 1 to 10000"),
    ("ORDERING", "fifo", "must be one of strict, recipient, none"),
    ("LEASE", "6s", "write LEASE=7s or more"),
    ("RETRY_BASE", "2h", "write RETRY_CAP=2h or more"),
    ("LEGACY_TIMEZONE", "+03:00", "UTC or Europe/Istanbul"),
];

#[test]
fn each_wrong_setting_alone_ends_the_start_and_says_what_would_be_right() {
    for (variable, value, right) in WRONG {
        for arguments in [&[][..], &["config", "check"]] {
            let ended = run(arguments, &[(variable, value)]);
            assert_eq!(ended.code, Some(64), "{variable}={value}: {}", ended.err);
            let [line] = ended.mistakes()[..] else { panic!("{variable}={value}: {}", ended.err) };
            assert!(line.contains(variable) && line.contains(right), "{line}");
            let all = format!("{}{}", ended.out, ended.err);
            assert!(!all.contains("481516"), "{variable}: {all}");
        }
    }
}

#[test]
fn three_wrong_settings_come_in_one_message() {
    let environment = [
        ("DB_PORT", "none"),
        ("PROCESSING_INTERVAL", "120"),
        ("LEASE", "1s"),
        ("DB_PASSWORD", HUSH),
        ("SMS_API_TOKEN", HUSH),
    ];
    for arguments in [&["serve"][..], &["config", "check"]] {
        let ended = run(arguments, &environment);
        assert_eq!(ended.code, Some(64));
        assert!(ended.err.contains("3 settings are wrong:"), "{}", ended.err);
        let lines = ended.mistakes();
        let starts = ["DB_PORT=", "PROCESSING_INTERVAL=", "LEASE="];
        assert_eq!(lines.len(), starts.len(), "{lines:?}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start) && line.contains("(environment)"), "{line}");
        }
        assert!(!format!("{}{}", ended.out, ended.err).contains(HUSH));
    }
}

#[test]
fn check_tells_each_value_with_its_source_and_no_secret() {
    let directory = tempfile::tempdir().expect("a directory");
    let secret = directory.path().join("token");
    fs::write(&secret, format!("{HUSH}\n")).expect("a file");
    fs::write(directory.path().join(".env"), "BATCH_SIZE=3\n").expect("a file");
    let url = format!("postgres://me:{HUSH}@db.example.com/queue?sslmode=verify-full");
    let environment = [
        ("DATABASE_URL", url.as_str()),
        ("SMS_API_TOKEN_FILE", secret.to_str().expect("UTF-8")),
        ("SMS_API_URL", "https://sms.example.com/send?key=hush-481516"),
        ("BATCH_SIZES", "10"),
    ];
    let ended = run_in(directory.path(), &["config", "check"], &environment);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let row = |name: &str| -> Vec<String> {
        let line =
            ended.out.lines().find(|line| line.get(2..).is_some_and(|it| it.starts_with(name)));
        line.expect(name).split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(row("DATABASE_URL "), ["*", "DATABASE_URL", "***", "environment"]);
    assert_eq!(row("DB_HOST "), ["*", "DB_HOST", "db.example.com", "DATABASE_URL"]);
    assert_eq!(row("DB_PORT "), ["DB_PORT", "5432", "default"]);
    assert_eq!(row("BATCH_SIZE "), ["*", "BATCH_SIZE", "3", ".env"]);
    let file = format!("(SMS_API_TOKEN_FILE={})", secret.display());
    assert_eq!(row("SMS_API_TOKEN "), ["*", "SMS_API_TOKEN", "***", "environment", &file]);
    let url = "https://sms.example.com/…?…";
    assert_eq!(row("SMS_API_URL "), ["*", "SMS_API_URL", url, "environment"]);
    assert!(ended.out.contains("did you mean BATCH_SIZE?"), "{}", ended.out);
    assert!(!ended.out.contains(HUSH));
}

#[test]
fn check_tells_scripts_the_same() {
    let environment = [("DB_PORT", "none"), ("DB_PASSWORD", HUSH), ("BATCH_SIZES", "10")];
    let ended = run(&["config", "check", "--json"], &environment);
    assert_eq!(ended.code, Some(64));
    assert!(!ended.out.contains(HUSH));
    let told: Value = serde_json::from_str(&ended.out).expect("one JSON object");
    assert_eq!(told["good"], false);
    assert_eq!(told["problems"][0]["variables"][0], "DB_PORT");
    assert_eq!(told["notices"][0]["level"], "warn");
    let settings = told["settings"].as_array().expect("a list");
    let setting = |name: &str| settings.iter().find(|one| one["name"] == name).expect("a setting");
    assert_eq!(setting("DB_PORT")["wrong"], true);
    assert_eq!(setting("DB_PASSWORD")["value"], "***");
    assert_eq!(setting("DB_PASSWORD")["source"], "environment");
    assert_eq!(setting("MAX_RATE")["value"], Value::Null);

    let good = run(&["config", "check", "--json"], &[]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    let told: Value = serde_json::from_str(&good.out).expect("one JSON object");
    assert_eq!((&told["good"], &told["problems"]), (&true.into(), &Value::Array(vec![])));
}

#[test]
fn the_defaults_are_printed_as_they_are_compiled_in() {
    let ended = run(&["config", "defaults"], &[("DB_PORT", "none")]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(ended.out, dispatcher_settings::manual::defaults());
}

#[test]
fn the_page_has_the_exit_codes_of_the_program() {
    let page = dispatcher_settings::manual::page();
    for code in [exit::USAGE, exit::UNAVAILABLE, exit::INTERNAL] {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}

#[test]
fn config_alone_tells_what_there_is() {
    let ended = run(&["config"], &[]);
    assert_eq!(ended.code, Some(64));
    assert!(ended.err.contains("check") && ended.err.contains("defaults"), "{}", ended.err);
}
