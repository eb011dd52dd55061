//! `DATABASE_URL` and `REDIS_URL`: taken apart exactly, and never repeated.

use crate::line_and_rest;
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_redis::RedisConfig;
use dispatcher_settings::{
    fuzzing::{database_url, redis_url},
    sqlite_url,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::Path;

/// Stands in the password; nothing else has it.
const HUSH: &str = "hush7f3a";

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace(HUSH, "");
    whole(&text);
    password(&text);
    parts(bytes);
    file(&text);
}

/// Any text at all is an answer, not a panic.
fn whole(text: &str) {
    drop(database_url(text));
    drop(redis_url(text));
    drop(RedisConfig::from_url(text));
    drop(format!("{:?}", HttpGatewayConfig::new(text, "t")));
}

/// Somebody forgot to encode the password. Either it is understood and it is
/// the password, or the error says nothing of it.
fn password(text: &str) {
    for scheme in ["postgres", "redis"] {
        let url = format!("{scheme}://u:{text}{HUSH}@h/1");
        let told = match scheme {
            "redis" => redis_url(&url).map(|(parts, _)| parts),
            _ => database_url(&url),
        };
        match told {
            Err(problem) => assert!(!problem.contains(HUSH), "{url}: {problem}"),
            Ok(parts) => {
                for (name, value) in parts {
                    let right = name.ends_with("_PASSWORD") == value.contains(HUSH);
                    assert!(right, "{url}: {name} is {value:?}");
                }
            }
        }
        if let Err(error) = RedisConfig::from_url(&url) {
            assert!(!format!("{error} {error:?}").contains(HUSH), "{url}: {error:?}");
        }
    }
}

/// What is put together by the rules comes apart as it was.
fn parts(bytes: &[u8]) {
    let (user, rest) = line_and_rest(bytes);
    let (password, name) = line_and_rest(rest);
    let [user, password, name] = [user, password, name].map(String::from_utf8_lossy);
    // A NUL or a slash in the name of a database is nobody's.
    if user.is_empty() || password.is_empty() {
        return;
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (user, password) = (&*user, &*password);
    let place = format!("{}:{}@h:77/{}", encoded(user), encoded(password), encoded(&name));
    let told = database_url(&format!("postgres://{place}")).expect("it is by the rules");
    let expected = [
        ("DB_HOST", "h"),
        ("DB_PORT", "77"),
        ("DB_PASSWORD", password),
        ("DB_NAME", &*name),
        ("DB_USER", user),
    ];
    assert_eq!(told, expected.map(|(name, text)| (name, text.to_owned())));
    let (told, told_user) = redis_url(&format!("rediss://{place}")).expect("it is by the rules");
    assert_eq!((told[2].1.as_str(), told_user.as_deref()), (password, Some(user)));
}

/// A path becomes a URL and comes back.
fn file(text: &str) {
    let Some(url) = sqlite_url(Path::new(text)) else { return };
    if let Ok(parts) = database_url(&url) {
        assert_eq!(parts, [("DATABASE_URL", text.to_owned())], "{url}");
    }
}
