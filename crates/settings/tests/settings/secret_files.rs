//! `…_FILE`: secrets that stand in files.

use crate::{load, mistakes, mistakes_in, postgres, sources};
use dispatcher_settings::{Settings, Sources, manual};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory of secrets.
struct Secrets(TempDir);

impl Secrets {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a new file.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.path().join(name), content).unwrap();
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn dotenv(&self, lines: &[(&str, &str)]) -> PathBuf {
        let text: String = lines.iter().map(|(name, text)| format!("{name}='{text}'\n")).collect();
        Path::new(&self.file(".env", text)).to_owned()
    }
}

/// What each secret may be.
const RIGHT: &[(&str, &str)] = &[
    ("DATABASE_URL", "postgres://u:hush@db/q"),
    ("DB_PASSWORD", " hush "),
    ("REDIS_URL", "rediss://:hush@cache"),
    ("REDIS_PASSWORD", "0123"),
    ("SMS_API_URL", "https://sms.example.com/send?key=hush"),
    ("SMS_API_TOKEN", "hush"),
    ("PROVIDER_LOOKUP_URL", "https://sms.example.com/{key}?key=hush"),
];

fn without_notices(env: &[(&str, &str)]) -> String {
    let Settings { database, redis, provider, .. } = load(env);
    let password = database.postgres().unwrap().password.expose().to_owned();
    let redis_password = redis.password.as_ref().map(|it| it.expose().to_owned());
    let urls = (provider.url.expose(), provider.look_up_url.as_ref().map(|url| url.expose()));
    let token = provider.token.expose();
    format!("{database:?} {redis:?} {password} {redis_password:?} {urls:?} {token}")
}

#[test]
fn every_secret_may_stand_in_a_file() {
    let secrets = Secrets::new();
    for (name, value) in RIGHT {
        for end in ["", "\n", "\r\n"] {
            let path = secrets.file(name, format!("{value}{end}"));
            let from_file = without_notices(&[(&format!("{name}_FILE"), &path)]);
            assert_eq!(from_file, without_notices(&[(name, value)]), "{name}{end:?}");
            assert_ne!(from_file, without_notices(&[]), "{name} counts");
        }
    }
    let page = manual::page();
    let on_page = page.matches("_FILE` | ").count();
    assert_eq!(on_page, RIGHT.len() + 2, "and the two that are paths themselves");
}

#[test]
fn what_is_no_secret_cannot_stand_in_a_file() {
    let notices = load(&[("BATCH_SIZE_FILE", "/no/such/file")]).notices();
    assert!(notices[1].text.contains("only secrets may stand in files; set BATCH_SIZE"));
    let lines = mistakes_in(sources(&[]).with_override("BATCH_SIZE_FILE", "/no/such/file"));
    assert!(lines[0].contains("is no setting"), "{lines:?}");
}

#[test]
fn a_file_that_is_of_no_use_is_named_with_its_variable_and_never_its_content() {
    let secrets = Secrets::new();
    let table = [
        (secrets.file("empty", ""), "is empty"),
        (secrets.file("lines", "hush-481516\nhush-481516"), "must hold one line"),
        (secrets.file("binary", b"hush-481516\xff"), "must hold UTF-8 text"),
        (secrets.file("large", "hush-481516".repeat(10_000)), "is larger than 64 KiB"),
        (secrets.path(""), "is a directory"),
        (secrets.path("missing"), "cannot be read: "),
    ];
    for (name, _) in RIGHT {
        for (path, told) in &table {
            let file = format!("{name}_FILE");
            let errors = Settings::load(sources(&[(&file, path)])).expect_err(told);
            let [error] = errors.iter().collect::<Vec<_>>()[..] else { panic!("{errors}") };
            assert_eq!(error.variables(), [file.as_str()]);
            let line = error.to_string();
            let cut: String = path.chars().take(60).collect();
            assert!(line.starts_with(&format!("{file}={cut:?}")), "{line}");
            assert!(
                line.contains("(environment): ") && error.problem().starts_with(told),
                "{line}"
            );
            assert!(!format!("{errors:?}").contains("481516"), "{line}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_to_does_not_hold_up_the_start() {
    let secrets = Secrets::new();
    let pipe = secrets.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let lines = mistakes(&[("DB_PASSWORD_FILE", &pipe)]);
    assert!(lines[0].contains("must be a file, and not a pipe"), "{lines:?}");
}

#[test]
fn a_secret_in_the_place_of_a_path_is_not_repeated() {
    for value in ["hush-481516", "postgres://u:hush-481516@db", "/hush-481516@"] {
        let lines = mistakes(&[("DATABASE_URL_FILE", value)]);
        assert!(lines[0].starts_with("DATABASE_URL_FILE (environment): must be the path"));
        assert!(!lines[0].contains("481516"), "{lines:?}");
    }
}

#[test]
fn both_ways_in_one_place_are_a_mistake_that_says_what_to_remove() {
    let secrets = Secrets::new();
    let path = secrets.file("token", "hush");
    let env = [("SMS_API_TOKEN", "hush-481516"), ("SMS_API_TOKEN_FILE", &path)];
    let expected = "SMS_API_TOKEN, SMS_API_TOKEN_FILE (environment): are both set, and only one \
                    can count; remove SMS_API_TOKEN if the file is meant, or else the other";
    assert_eq!(mistakes(&env), [expected]);
    let dotenv = Some(secrets.dotenv(&env));
    assert_eq!(
        mistakes_in(Sources { dotenv: dotenv.clone(), ..sources(&[]) }),
        [expected.replace("environment", ".env")]
    );
    let stronger = Sources { dotenv, ..sources(&[("SMS_API_TOKEN", "good")]) };
    assert_eq!(Settings::load(stronger).unwrap().provider.token.expose(), "good");
}

#[test]
fn of_two_places_the_stronger_counts_whichever_way_it_says_it() {
    let secrets = Secrets::new();
    let (path, missing) = (secrets.file("password", "file\n"), secrets.path("missing"));
    let password = |dotenv: (&str, &str), env: (&str, &str)| {
        let dotenv = Some(secrets.dotenv(&[dotenv]));
        let settings = Settings::load(Sources { dotenv, ..sources(&[env]) });
        postgres(settings.unwrap()).password.expose().to_owned()
    };
    let (file, direct) = ("DB_PASSWORD_FILE", "DB_PASSWORD");
    assert_eq!(password((file, &path), (direct, "direct")), "direct");
    assert_eq!(password((file, &missing), (direct, "direct")), "direct", "it is not opened");
    assert_eq!(password((direct, "direct"), (file, &path)), "file");
    assert_eq!(password((file, &missing), (file, &path)), "file");
    assert_eq!(password((file, &path), (file, "")), "file", "empty counts as unset");
    assert_eq!(password((file, &path), (direct, "")), "file", "empty counts as unset");
    let overridden = sources(&[(file, &missing)]).with_override(direct, "override");
    assert_eq!(postgres(Settings::load(overridden).unwrap()).password.expose(), "override");
}

#[test]
fn a_password_in_a_file_completes_a_url_without_one() {
    let secrets = Secrets::new();
    let file = ("DB_PASSWORD_FILE", &*secrets.file("password", "hush"));
    let database = postgres(load(&[("DATABASE_URL", "postgres://me@db/q"), file]));
    assert_eq!((database.user.as_str(), database.password.expose()), ("me", "hush"));
    load(&[("DATABASE_URL", "postgres://me:hush@db/q"), file]);
    let lines = mistakes(&[("DATABASE_URL", "postgres://me:other@db/q"), file]);
    assert!(lines[0].starts_with("DATABASE_URL (environment), DB_PASSWORD (DB_PASSWORD_FILE): "));
    let lines = mistakes(&[("DATABASE_URL", "sqlite:q.db"), file]);
    assert!(lines[0].contains("DB_PASSWORD (DB_PASSWORD_FILE): DATABASE_URL names a SQLite file"));
}

#[test]
fn a_wrong_value_in_a_file_is_told_with_its_variable() {
    let secrets = Secrets::new();
    let path = secrets.file("url", "mysql://u:hush-481516@db/q");
    let lines = mistakes(&[("DATABASE_URL_FILE", &path)]);
    assert!(lines[0].starts_with("DATABASE_URL (DATABASE_URL_FILE): must begin with postgres://"));
    let path = secrets.file("token", "tökén");
    let lines = mistakes(&[("SMS_API_TOKEN_FILE", &path)]);
    assert!(lines[0].starts_with("SMS_API_TOKEN (SMS_API_TOKEN_FILE): has a character"));
}

#[test]
fn a_missing_file_is_one_mistake_and_brings_no_others() {
    let missing = "/no/such/file";
    let env = [("DATABASE_URL", "postgres://u:hush@db/q"), ("DB_PASSWORD_FILE", missing)];
    assert_eq!(mistakes(&env).len(), 1);
    assert_eq!(mistakes(&[("SMS_API_URL_FILE", missing), ("SERVER_PORT", "3001")]).len(), 1);
}

#[test]
fn redis_by_a_file_alone_is_meant() {
    let secrets = Secrets::new();
    assert!(load(&[("REDIS_PASSWORD_FILE", &secrets.file("password", "hush"))]).redis.explicit);
}
