//! Which source counts.

use crate::{load, mistakes_in, postgres, sources};
use dispatcher_settings::{Settings, Sources};
use std::path::PathBuf;
use tempfile::TempDir;

/// A directory with a `.env` file in it.
fn dotenv(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".env");
    std::fs::write(&path, text).unwrap();
    (directory, path)
}

fn with_file(path: PathBuf, env: &[(&str, &str)]) -> Sources {
    Sources { dotenv: Some(path), ..sources(env) }
}

fn batch_size(sources: Sources) -> u32 {
    Settings::load(sources).unwrap().dispatch.policy.batch_size.get()
}

#[test]
fn the_stronger_source_wins() {
    let (_directory, path) = dotenv("BATCH_SIZE=3\n");
    assert_eq!(batch_size(sources(&[])), 2);
    assert_eq!(batch_size(with_file(path.clone(), &[])), 3);
    let sources = with_file(path, &[("BATCH_SIZE", "4")]);
    assert_eq!(batch_size(sources.clone()), 4);
    assert_eq!(batch_size(sources.with_override("batch_size", "5")), 5);
}

#[test]
fn an_empty_value_counts_as_unset_in_every_source() {
    let (_directory, path) = dotenv("BATCH_SIZE=3\nLEASE=\n");
    let sources = with_file(path, &[("BATCH_SIZE", "")]).with_override("BATCH_SIZE", "");
    assert_eq!(batch_size(sources), 3);
    assert_eq!(postgres(load(&[("DB_PASSWORD", "")])).password.expose(), "password");
    assert_eq!(load(&[("AUTH", ""), ("DATABASE_URL", ""), ("MAX_RATE", "")]), load(&[]));
    assert!(!load(&[("REDIS_PASSWORD", "")]).redis.explicit);
}

#[test]
fn passwords_that_look_like_something_else_survive() {
    for password in
        ["0123", "true", "1.10", "1e5", "null", " blank ", "[1]", "p$$w", "a: b #c", "\""]
    {
        let settings = load(&[("DB_PASSWORD", password), ("REDIS_PASSWORD", password)]);
        assert_eq!(postgres(settings.clone()).password.expose(), password);
        assert_eq!(settings.redis.password.unwrap().expose(), password);
    }
    let (_directory, path) = dotenv("DB_PASSWORD=0123\nREDIS_PASSWORD=p$$w\nDB_USER=' 1.10 '\n");
    let settings = Settings::load(with_file(path, &[])).unwrap();
    assert_eq!(postgres(settings.clone()).password.expose(), "0123");
    assert_eq!(postgres(settings.clone()).user, " 1.10 ");
    assert_eq!(settings.redis.password.unwrap().expose(), "p$$w");
}

#[test]
fn names_count_as_they_stand_in_the_environment() {
    assert_eq!(load(&[("batch_size", "9")]).dispatch.policy.batch_size.get(), 2);
}

#[test]
fn redis_is_explicit_as_soon_as_anyone_says_anything_about_it() {
    assert!(load(&[("REDIS_TIMEOUT", "2s")]).redis.explicit);
    assert!(load(&[("REDIS_URL", "redis://cache")]).redis.explicit);
    let (_directory, path) = dotenv("REDIS_HOST=localhost\n");
    assert!(Settings::load(with_file(path, &[])).unwrap().redis.explicit);
}

#[test]
fn an_absent_file_is_fine_and_an_unreadable_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(batch_size(with_file(directory.path().join(".env"), &[])), 2);
    let lines = mistakes_in(with_file(directory.path().to_owned(), &[]));
    assert!(lines[0].contains("cannot be read"), "{lines:?}");
    // What PowerShell's `>` writes, and a stray byte.
    for text in [&b"\xff\xfeB\0A\0"[..], b"DB_PASSWORD=\xff\n"] {
        let (_directory, path) = dotenv(text);
        let lines = mistakes_in(with_file(path, &[]));
        assert!(lines[0].contains(".env: must be UTF-8 text; save it as that"), "{lines:?}");
    }
}

#[test]
fn what_is_left_out_counts_nowhere_but_in_an_override() {
    let (_directory, path) = dotenv("PROVIDER_LOOKUP_URL=$HOST/look\nBATCH_SIZE=3\n");
    let env =
        [("REDIS_PORT", "none"), ("SMS_CA_FILE", "/nowhere"), ("SMS_API_TOKEN_FILE", "/nowhere")];
    let left_out = ["PROVIDER_LOOKUP_URL", "REDIS_PORT", "SMS_CA_FILE", "SMS_API_TOKEN"];
    let mut sources = with_file(path, &env).without(&left_out);
    sources.not_unicode = vec!["REDIS_PORT".to_owned()];
    let settings = Settings::load(sources.clone()).unwrap();
    assert_eq!(settings.dispatch.policy.batch_size.get(), 3, "the rest counts");
    assert!(settings.provider.look_up_url.is_none() && !settings.redis.explicit);
    let lines = mistakes_in(sources.with_override("REDIS_PORT", "none"));
    assert!(lines[0].starts_with(r#"REDIS_PORT="none" (override): "#), "{lines:?}");
}

#[test]
fn malformed_lines_are_named_by_file_and_number_beside_the_other_mistakes() {
    let (_directory, path) = dotenv("BATCH_SIZE=3\nhush\nDB_PORT=none\nDB_PASSWORD='hush\n");
    let lines = mistakes_in(with_file(path, &[]));
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains(".env, line 2: must be NAME=value"), "{lines:?}");
    assert!(lines[1].contains(".env, line 4: opens a quote"), "{lines:?}");
    assert!(lines[2].starts_with(r#"DB_PORT="none" (.env): "#), "{lines:?}");
    assert!(!lines.concat().contains("hush"));
}

#[test]
fn a_dollar_that_others_would_replace_is_refused_only_in_our_variables() {
    let (_directory, path) = dotenv("THEIRS=${HOME}/bin\nDB_USER='${kept}'\n");
    assert_eq!(postgres(Settings::load(with_file(path, &[])).unwrap()).user, "${kept}");
    let (_directory, path) = dotenv("DB_PASSWORD=${HUSH}\n");
    let lines = mistakes_in(with_file(path, &[]));
    assert!(lines[0].contains("line 1: has a $") && !lines[0].contains("HUSH"), "{lines:?}");
}
