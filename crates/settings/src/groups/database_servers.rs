//! Several servers of one database, as libpq writes them: `DB_HOST=a,b` with
//! `DB_PORT=5432,5433` or one port for all; `postgres://a:5432,b:5433/name`.

use crate::parse::{self, Parsed};
use std::fmt;

/// A PostgreSQL server, or one of those that may be the primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseServer {
    /// Host name, address (IPv6 without brackets), or directory of a Unix
    /// socket, which begins with `/`.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for DatabaseServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// A few: each gets its share of `DB_TIMEOUT`.
const MOST: usize = 8;

/// `DB_HOST`.
pub(super) fn hosts(text: &str) -> Parsed<Vec<String>> {
    let hosts: Vec<_> = text.split(',').map(|one| host(one.trim())).collect::<Parsed<_>>()?;
    if hosts.len() > MOST {
        return Err(format!("must name at most {MOST} servers"));
    }
    Ok(hosts)
}

/// `DB_PORT`.
pub(super) fn ports(text: &str) -> Parsed<Vec<u16>> {
    text.split(',').map(|one| parse::port(one.trim())).collect()
}

/// Host by host; `None`: neither one port nor one for each.
pub(super) fn pair(hosts: Vec<String>, ports: &[u16]) -> Option<Vec<DatabaseServer>> {
    let of_all = match ports {
        [port] => Some(*port),
        _ if ports.len() == hosts.len() => None,
        _ => return None,
    };
    let place = |(place, host)| {
        Some(DatabaseServer { host, port: of_all.or_else(|| ports.get(place).copied())? })
    };
    hosts.into_iter().enumerate().map(place).collect()
}

/// Other systems have no sockets in directories.
fn host(text: &str) -> Parsed<String> {
    if cfg!(unix) && text.starts_with('/') { Ok(text.to_owned()) } else { parse::host(text) }
}

/// A URL with its first server alone, and the others: what parses URLs knows one
/// host only.
pub(super) fn apart(url: &str) -> (String, Vec<&str>) {
    let alone = || (url.to_owned(), Vec::new());
    let Some((scheme, rest)) = url.split_once("://") else { return alone() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A raw @ in the password: the last one counts.
    let (before, servers) = match authority.rfind('@') {
        Some(at) => authority.split_at(at + 1),
        None => ("", authority),
    };
    let mut servers = servers.split(',');
    let first = servers.next().unwrap_or_default();
    (format!("{scheme}://{before}{first}{path}"), servers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_is_that_of_all_and_several_are_told_apart() {
        let server = |host: &str, port| DatabaseServer { host: host.to_owned(), port };
        let named = || hosts("a, ::1").unwrap();
        let expected = vec![server("a", 5432), server("::1", 5432)];
        assert_eq!(pair(named(), &[5432]), Some(expected));
        let expected = vec![server("a", 1), server("::1", 2)];
        assert_eq!(pair(named(), &ports("1, 2").unwrap()), Some(expected));
        assert_eq!(pair(named(), &[1, 2, 3]), None);
        assert_eq!(server("::1", 2).to_string(), "[::1]:2");
    }

    #[test]
    fn a_server_without_a_name_is_none() {
        assert!(hosts("a,,b").is_err() && hosts("a,").is_err() && ports("1,").is_err());
        assert!(hosts("1,2,3,4,5,6,7,8").is_ok() && hosts("1,2,3,4,5,6,7,8,9").is_err());
    }

    #[test]
    fn a_url_of_several_servers_comes_apart_at_its_hosts_only() {
        let (first, others) = apart("postgres://u:p,@x@a:1,b,[::1]:2/d,e?f=g,h");
        assert_eq!(first, "postgres://u:p,@x@a:1/d,e?f=g,h");
        assert_eq!(others, ["b", "[::1]:2"]);
        assert_eq!(apart("postgres://u:p,q@a/d"), ("postgres://u:p,q@a/d".to_owned(), vec![]));
    }
}
