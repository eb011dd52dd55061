//! Hosts and ports, as the headers `Host` and `Origin` name them.

use std::net::{IpAddr, Ipv6Addr};

/// A host and, if one is named, a port.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    /// In lower case, without the dot that may end it.
    Name(String),
}

impl Place {
    /// `None` for what is no host: nothing is guessed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            (Host::Ip(IpAddr::V6(address.parse::<Ipv6Addr>().ok()?)), port)
        } else {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (Host::parse(host)?, port)
        };
        Some(Self { host, port: parse_port(port)? })
    }

    /// Whether only this machine can be meant: no name that anybody's DNS
    /// could resolve to it.
    pub(super) fn is_this_machine(&self) -> bool {
        match &self.host {
            Host::Ip(address) => address.to_canonical().is_loopback(),
            // RFC 6761: names below `localhost` are this machine too.
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    fn is_reached_like(&self, other: &Self, default_port: u16) -> bool {
        let port = |place: &Self| place.port.unwrap_or(default_port);
        self.host == other.host && port(self) == port(other)
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if let Ok(address) = text.parse() {
            return Some(Self::Ip(IpAddr::V4(address)));
        }
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_name = !text.is_empty() && text.bytes().all(sound);
        is_name.then(|| Self::Name(text.to_ascii_lowercase()))
    }
}

/// The port behind the colon; `Some(None)` when none is named.
fn parse_port(text: &str) -> Option<Option<u16>> {
    let Some(digits) = text.strip_prefix(':') else { return text.is_empty().then_some(None) };
    if digits.is_empty() {
        return Some(None);
    }
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| digits.parse().ok())?.map(Some)
}

/// Whether a page of `origin` was served by `host`. The scheme may differ: what
/// ends TLS in front of us keeps host and port.
pub(super) fn is_same_origin(origin: &str, host: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    let (rest, default_port) = if let Some(rest) = origin.strip_prefix("http://") {
        (rest, 80)
    } else if let Some(rest) = origin.strip_prefix("https://") {
        (rest, 443)
    } else {
        return false;
    };
    let places = Place::parse(rest).zip(Place::parse(host));
    places.is_some_and(|(origin, host)| origin.is_reached_like(&host, default_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_this_machine(host: &str) -> bool {
        Place::parse(host).is_some_and(|place| place.is_this_machine())
    }

    #[test]
    fn this_machine_has_many_names() {
        let hosts = [
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "localhost.:8080",
            "localhost:",
            "dispatcher.localhost:8080",
            "127.0.0.1",
            "127.0.0.1:1",
            "127.0.0.1.",
            "127.255.255.254:65535",
            "[::1]",
            "[::1]:8080",
            "[0:0:0:0:0:0:0:1]:8080",
            "[::ffff:127.0.0.1]:8080",
        ];
        for host in hosts {
            assert!(is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn other_hosts_and_what_is_none_are_not_this_machine() {
        let hosts = [
            "",
            ":8080",
            ".",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "127.0.0.1.nip.io:8080",
            "notlocalhost",
            "localhost..",
            "localhost:8080:8080",
            "localhost:+80",
            "localhost:65536",
            "localhost:http",
            "user@localhost",
            "localhost/",
            "localhost, example.com",
            " localhost",
            "0.0.0.0:8080",
            "10.0.0.1",
            "192.168.0.10:8080",
            "127.1",
            "2130706433",
            "0x7f000001",
            "::1",
            "[::1",
            "[::1]8080",
            "[::1%lo]",
            "[::]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
        ];
        for host in hosts {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_the_same_with_the_same_host_and_port() {
        let same = [
            ("http://localhost:8080", "localhost:8080"),
            ("HTTP://LocalHost:8080", "localhost:8080"),
            ("http://localhost", "localhost:80"),
            ("http://localhost", "localhost."),
            ("https://dispatcher.example.com", "dispatcher.example.com"),
            ("https://dispatcher.example.com", "dispatcher.example.com:443"),
            ("http://[::1]:8080", "[0::1]:8080"),
        ];
        for (origin, host) in same {
            assert!(is_same_origin(origin, host), "{origin} {host}");
        }
        let foreign = [
            ("null", "localhost:8080"),
            ("", "localhost"),
            ("http://localhost:3000", "localhost:8080"),
            ("http://localhost", "localhost:8080"),
            ("http://127.0.0.1:8080", "localhost:8080"),
            ("http://localhost:8080/", "localhost:8080"),
            ("http://evil.example", "localhost:8080"),
            ("file://", "localhost"),
            ("chrome-extension://localhost", "localhost"),
            ("http://user@localhost", "localhost"),
            ("localhost:8080", "localhost:8080"),
        ];
        for (origin, host) in foreign {
            assert!(!is_same_origin(origin, host), "{origin} {host}");
        }
    }
}
