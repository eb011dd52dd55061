//! `DATABASE_URL` and `REDIS_URL`, taken apart into the variables they replace.
//!
//! Errors never repeat any of the text: what stands where depends on where a
//! forgotten `%` moved it, and it may be the password.

use super::{database_servers, sqlite_url};
use crate::{
    parse::Parsed,
    variables::{
        DB_HOST, DB_NAME, DB_PASSWORD, DB_PORT, DB_SSLMODE, DB_SSLROOTCERT, DB_USER, REDIS_DB,
        REDIS_HOST, REDIS_PASSWORD, REDIS_PORT, Variable,
    },
};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use url::Url;

/// Variables and the text that each gets; empty where the URL is silent.
pub(crate) type Parts = Vec<(Variable, String)>;

/// A `REDIS_URL`.
pub(crate) struct RedisUrl {
    pub(crate) parts: Parts,
    /// Has no variable of its own.
    pub(crate) user: Option<String>,
    pub(crate) tls: bool,
}

/// A `DATABASE_URL`.
#[derive(Debug)]
pub(crate) enum DatabaseUrl {
    Postgres(Parts),
    Sqlite(PathBuf),
}

/// `postgres://user:password@host:port/name?sslmode=…&sslrootcert=…`, with several
/// `host:port` where several servers may be the primary, or `sqlite:///path`.
pub(crate) fn database(text: &str) -> Parsed<DatabaseUrl> {
    match sqlite_url::rest(text) {
        Some(rest) => sqlite_url::path(rest).map(DatabaseUrl::Sqlite),
        None => postgres(text).map(DatabaseUrl::Postgres).map_err(|problem| {
            // Whoever wrote a bare path, or `sqlite3:`, does not want a server.
            let for_a_file = format!("{problem}; or, for a file, {}", sqlite_url::RIGHT);
            if text.starts_with("postgres") { problem } else { for_a_file }
        }),
    }
}

/// Whether `text` is a `DATABASE_URL` with no place for a secret: a file.
pub(crate) fn shows_no_secret(text: &str) -> bool {
    matches!(database(text), Ok(DatabaseUrl::Sqlite(_)))
}

fn postgres(text: &str) -> Parsed<Parts> {
    let schemes = ["postgres", "postgresql"];
    let (first, others) = database_servers::apart(text);
    let url = parse(&first, schemes)?;
    let mut parts = common(&url, [DB_HOST, DB_PORT, DB_PASSWORD, DB_NAME])?;
    if !others.is_empty() {
        let others = others.iter().map(|other| parse(&format!("postgres://{other}"), schemes));
        let urls: Vec<_> = [Ok(url.clone())].into_iter().chain(others).collect::<Parsed<_>>()?;
        parts.splice(..2, lists(&urls)?);
    }
    parts.push((DB_USER, decoded(url.username())?));
    for (name, value) in url.query_pairs() {
        let part = match &*name {
            "sslmode" => DB_SSLMODE,
            "sslrootcert" => DB_SSLROOTCERT,
            "target_session_attrs" if ["read-write", "primary"].contains(&&*value) => continue,
            "target_session_attrs" => return Err(NEEDS_A_PRIMARY.to_owned()),
            other => return Err(unknown_parameter(&url, other)),
        };
        parts.push((part, value.into_owned()));
    }
    Ok(parts)
}

/// Whatever it says, nothing can be sent from a standby.
const NEEDS_A_PRIMARY: &str = "must have target_session_attrs=read-write, or leave it out: of several \
                               servers always the one that takes writes is used";

/// Hosts and ports as `DB_HOST` and `DB_PORT` list them. A port left out beside
/// one that is not is PostgreSQL's own.
fn lists(urls: &[Url]) -> Parsed<[(Variable, String); 2]> {
    const USUAL: u16 = 5432;
    let hosts: Vec<_> = urls.iter().map(host_of).collect::<Parsed<_>>()?;
    let ports: Vec<_> = match urls.iter().all(|url| url.port().is_none()) {
        true => Vec::new(),
        false => urls.iter().map(|url| url.port().unwrap_or(USUAL).to_string()).collect(),
    };
    Ok([(DB_HOST, hosts.join(",")), (DB_PORT, ports.join(","))])
}

/// `redis://user:password@host:port/db`; `rediss://` with TLS.
pub(crate) fn redis(text: &str) -> Parsed<RedisUrl> {
    let url = parse(text, ["redis", "rediss"])?;
    let parts = common(&url, [REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, REDIS_DB])?;
    if let Some((name, _)) = url.query_pairs().next() {
        return Err(unknown_parameter(&url, &name));
    }
    let user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
    // Would pass for a user, which is no secret, but is meant for a password.
    if user.is_some() && url.password().is_none_or(str::is_empty) {
        return Err("has a user without a password; a password alone is written \
                    redis://:password@host"
            .to_owned());
    }
    Ok(RedisUrl { parts, user, tls: url.scheme() == "rediss" })
}

fn parse(text: &str, schemes: [&str; 2]) -> Parsed<Url> {
    let example = schemes[0];
    let hint = format!(
        "must begin with {} and look like {example}://user:password@host:port/database, with \
         special characters percent-encoded (# is %23, / %2F, ? %3F, @ %40)",
        schemes.map(|scheme| format!("{scheme}://")).join(" or ")
    );
    let url = Url::parse(text).map_err(|error| format!("{hint}: {error}"))?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    // A raw / or ? in the password ends the host early: the tail of the password
    // must not become the name of a database, which may be shown.
    let path = url.path().strip_prefix('/').unwrap_or_default();
    let torn = path.contains(['/', '@']) || url.query().is_some_and(|query| query.contains('@'));
    if !schemes.contains(&url.scheme()) || !has_host || torn || url.fragment().is_some() {
        return Err(hint);
    }
    Ok(url)
}

/// What both kinds have, for the variables of host, port, password and path.
fn common(url: &Url, variables: [Variable; 4]) -> Parsed<Parts> {
    let host = host_of(url)?;
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    let password = decoded(url.password().unwrap_or_default())?;
    let path = decoded(url.path().strip_prefix('/').unwrap_or_default())?;
    Ok(variables.into_iter().zip([host, port, password, path]).collect())
}

fn host_of(url: &Url) -> Parsed<String> {
    let host = url.host_str().unwrap_or_default();
    decoded(host.trim_start_matches('[').trim_end_matches(']'))
}

pub(super) fn decoded(text: &str) -> Parsed<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| "must be UTF-8 where it is percent-encoded".to_owned())
}

/// Names the parameter, unless it looks like no name at all.
fn unknown_parameter(url: &Url, name: &str) -> String {
    let harmless = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let name = if harmless { format!(" {name}") } else { String::new() };
    let known = match url.scheme() {
        "redis" | "rediss" => "none is known",
        _ => "known are sslmode, sslrootcert and target_session_attrs",
    };
    format!("has an unknown query parameter{name}; {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database_texts(url: &str) -> Vec<(&'static str, String)> {
        let parts = postgres(url).unwrap().into_iter();
        parts.filter(|(_, text)| !text.is_empty()).map(|(part, text)| (part.name, text)).collect()
    }

    #[test]
    fn a_database_url_is_taken_apart_and_decoded() {
        let url = "postgresql://us%40er:p%23%3F%2F@db:6000/my%20db?sslmode=verify-ca&sslrootcert=%2Fca.pem";
        let expected = [
            ("DB_HOST", "db"),
            ("DB_PORT", "6000"),
            ("DB_PASSWORD", "p#?/"),
            ("DB_NAME", "my db"),
            ("DB_USER", "us@er"),
            ("DB_SSLMODE", "verify-ca"),
            ("DB_SSLROOTCERT", "/ca.pem"),
        ];
        assert_eq!(database_texts(url), expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn what_a_url_leaves_out_stays_open() {
        assert_eq!(database_texts("postgres://db"), [("DB_HOST", "db".to_owned())]);
        assert_eq!(database_texts("postgres://[::1]/"), [("DB_HOST", "::1".to_owned())]);
    }

    #[test]
    fn several_servers_become_lists() {
        let places = |url| -> Vec<_> {
            let of_places = |(name, _): &(&str, String)| ["DB_HOST", "DB_PORT"].contains(name);
            database_texts(url).into_iter().filter(of_places).map(|(_, text)| text).collect()
        };
        let url = "postgres://u:p%2C@a:1,[::1],c:3/d?target_session_attrs=read-write";
        assert_eq!(places(url), ["a,::1,c", "1,5432,3"]);
        assert_eq!(places("postgres://a,b/d?target_session_attrs=primary"), ["a,b"]);
        for wrong in ["postgres://a,/d", "postgres://,a/d", "postgres://a,b:x/d"] {
            assert!(database(wrong).unwrap_err().starts_with("must begin with"), "{wrong}");
        }
        let problem = database("postgres://a,b/d?target_session_attrs=any").unwrap_err();
        assert_eq!(problem, NEEDS_A_PRIMARY);
    }

    #[test]
    fn a_redis_url_tells_user_and_tls() {
        let url = redis("rediss://me:p@cache:7000/3").unwrap();
        assert_eq!((url.user.as_deref(), url.tls), (Some("me"), true));
        let texts: Vec<_> = url.parts.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["cache", "7000", "p", "3"]);
        let url = redis("redis://:p@cache").unwrap();
        assert_eq!((url.user, url.tls), (None, false));
    }

    #[test]
    fn the_scheme_tells_the_database() {
        let DatabaseUrl::Sqlite(path) = database("sqlite:///a.db").unwrap() else { panic!() };
        assert_eq!(path, PathBuf::from("/a.db"));
        assert!(matches!(database("postgres://h").unwrap(), DatabaseUrl::Postgres(_)));
    }

    #[test]
    fn no_error_repeats_a_part_of_the_url() {
        let urls = [
            "hush",
            "mysql://u:hush@h/db",
            "postgres://u:hu#sh@h/db",
            "postgres://u:hu?sh@h/db",
            "postgres://u:12?sh@h/db",
            "postgres://u:12?sh=@h/db",
            "postgres://u:hu/sh@h/db",
            "postgres://u:12/sh@h/db",
            "postgres://u:12?sslmode=sh@h/db",
            "postgres:///hush",
            "postgres://u:%ffhush@h/db",
            "postgres://u:hu sh@h:port/db",
            "postgres://u:hu/sh@a,b/db",
            "postgres://u:1,2/sh@a,b/db",
            "postgres://u:hu,1?sh@a,b/db",
            "postgres://u:hush@a,b:port/db",
        ];
        for url in urls {
            let problem = database(url).map(|_| ()).unwrap_err();
            assert!(!problem.contains("hush") && !problem.contains("sh="), "{url}: {problem}");
            assert!(!problem.contains("sh@"), "{url}: {problem}");
        }
        assert!(
            redis("redis://hush@h").map(|_| ()).unwrap_err().contains("redis://:password@host")
        );
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let problem = database("postgres://h/db?options=hush").unwrap_err();
        assert!(problem.contains("parameter options;") && !problem.contains("hush"), "{problem}");
        assert!(redis("redis://h?protocol=3").map(|_| ()).unwrap_err().contains("protocol"));
    }
}
