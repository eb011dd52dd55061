//! `DATABASE_URL` and `REDIS_URL` against the parts they replace.

use crate::{load, mistakes, postgres, sources};
use dispatcher_settings::{Settings, SslMode};
use std::path::Path;

const URL: (&str, &str) = ("DATABASE_URL", "postgres://me:p%40ss@db:6000/queue");

#[test]
fn a_database_url_replaces_the_parts() {
    let database = postgres(load(&[URL]));
    assert_eq!((database.servers[0].host.as_str(), database.servers[0].port), ("db", 6000));
    assert_eq!((database.user.as_str(), database.name.as_str()), ("me", "queue"));
    assert_eq!(database.password.expose(), "p@ss");
    assert_eq!(database.sslmode, SslMode::Disable);
}

#[test]
fn a_database_url_names_several_servers() {
    let url = "postgres://me:p@a:6000,b/queue?target_session_attrs=read-write&sslmode=require";
    let database = postgres(load(&[("DATABASE_URL", url), ("DB_HOST", "a,b")]));
    let servers: Vec<_> = database.servers.iter().map(ToString::to_string).collect();
    assert_eq!(servers, ["a:6000", "b:5432"]);
    assert_eq!((database.name.as_str(), database.sslmode), ("queue", SslMode::Require));
}

#[test]
fn the_url_understands_sslmode_and_sslrootcert() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let url = format!("postgresql://db?sslmode=verify-full&sslrootcert={path}");
    let database = postgres(load(&[("DATABASE_URL", &url)]));
    assert_eq!(database.sslmode, SslMode::VerifyFull);
    assert_eq!(database.sslrootcert.as_deref(), Some(file.path()));
    let lines = mistakes(&[("DATABASE_URL", "postgres://db?sslmode=prefer")]);
    assert!(lines[0].starts_with(r#"DB_SSLMODE="prefer" (DATABASE_URL): "#), "{lines:?}");
}

#[test]
fn what_the_url_leaves_out_is_taken_from_the_parts() {
    let env = [("DATABASE_URL", "postgres://db"), ("DB_PASSWORD", "x"), ("DB_SSLMODE", "require")];
    let database = postgres(load(&env));
    assert_eq!((database.servers[0].host.as_str(), database.servers[0].port), ("db", 5432));
    assert_eq!((database.password.expose(), database.sslmode), ("x", SslMode::Require));
}

#[test]
fn an_equal_part_is_fine_and_a_contradicting_one_names_both() {
    load(&[URL, ("DB_HOST", "db"), ("DB_PORT", "6000"), ("DB_PASSWORD", "p@ss")]);
    for (part, value) in [
        ("DB_HOST", "other"),
        ("DB_PORT", "5432"),
        ("DB_NAME", "other"),
        ("DB_USER", "other"),
        ("DB_PASSWORD", "other"),
    ] {
        let lines = mistakes(&[URL, (part, value)]);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let end = format!("DATABASE_URL says otherwise than {part}; leave one of them out");
        assert!(lines[0].ends_with(&end), "{lines:?}");
    }
    let lines = mistakes(&[("REDIS_URL", "redis://cache"), ("REDIS_HOST", "other")]);
    assert!(lines[0].contains("REDIS_URL says otherwise than REDIS_HOST"), "{lines:?}");
}

#[test]
fn a_url_given_as_override_replaces_weaker_parts() {
    let sources = sources(&[("DB_HOST", "other"), ("DB_USER", "kept")]);
    let sources = sources.with_override("DATABASE_URL", "postgres://db");
    let database = postgres(Settings::load(sources).unwrap());
    assert_eq!((database.servers[0].host.as_str(), database.user.as_str()), ("db", "kept"));
}

#[test]
fn a_redis_url_replaces_the_parts_and_knows_tls() {
    let redis = load(&[("REDIS_URL", "rediss://me:p%23@cache:7000/3")]).redis;
    assert_eq!((redis.host.as_str(), redis.port, redis.db), ("cache", 7000, 3));
    assert_eq!(redis.user.as_deref(), Some("me"));
    assert_eq!(redis.password.unwrap().expose(), "p#");
    assert!(redis.tls && redis.explicit);
    let lines = mistakes(&[("REDIS_URL", "redis://cache/main")]);
    assert!(lines[0].starts_with(r#"REDIS_DB="main" (REDIS_URL): "#), "{lines:?}");
}

#[test]
fn a_sqlite_url_names_a_file_and_nothing_else() {
    let settings = load(&[("DATABASE_URL", "sqlite:///var/lib/queue.db"), ("DB_TIMEOUT", "7s")]);
    let sqlite = settings.database.sqlite().expect("SQLite");
    assert_eq!(
        (sqlite.path.as_path(), sqlite.timeout.as_secs()),
        (Path::new("/var/lib/queue.db"), 7)
    );
    assert!(settings.database.postgres().is_none());
    let told: Vec<_> = settings.notices().iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].starts_with("no setting of Redis"), "{told:?}");
}

#[test]
fn a_sqlite_file_and_a_server_contradict_each_other_all_in_one_line() {
    let env = [("DATABASE_URL", "sqlite:queue.db"), ("DB_HOST", "db"), ("DB_PASSWORD", "hush")];
    let lines = mistakes(&env);
    let expected = "DATABASE_URL (environment), DB_HOST=\"db\" (environment), DB_PASSWORD (environment): \
                    DATABASE_URL names a SQLite file, and the others a PostgreSQL server; leave the \
                    one or the others out";
    assert_eq!(lines, [expected]);
    let over = sources(&env[1..]).with_override("DATABASE_URL", "sqlite:queue.db");
    assert!(Settings::load(over).unwrap().database.sqlite().is_some());
    let pool = load(&[env[0], ("DB_POOL_SIZE", "3")]).notices();
    assert_eq!(pool[0].to_string(), "DB_POOL_SIZE has no effect on a SQLite file");
}

#[test]
fn who_means_a_file_is_told_how_to_write_one() {
    for url in ["sqlite3:queue.db", "file:queue.db", "queue.db", "/var/lib/queue.db", "mysql://h/q"]
    {
        let lines = mistakes(&[("DATABASE_URL", url)]);
        assert!(lines[0].contains("or, for a file, sqlite:///var/lib/"), "{url}: {lines:?}");
    }
    let lines = mistakes(&[("DATABASE_URL", "postgres://u:p#w@h/q")]);
    assert!(!lines[0].contains("sqlite"), "{lines:?}");
}
