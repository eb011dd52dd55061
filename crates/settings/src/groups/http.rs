//! The operators' API.

use crate::{
    parse,
    reader::Reader,
    server_address::ServerAddress,
    variables::{AUTH, SERVER_HOST},
};
use std::net::IpAddr;

/// Where the API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Address or host name, IPv6 without brackets.
    pub host: String,
    /// TCP port; zero takes any free one.
    pub port: u16,
    /// Said aloud with `AUTH=off`: whoever gets here may ask, because others
    /// are kept out by something in front.
    pub auth_off: bool,
}

pub(crate) fn read(reader: &mut Reader) -> HttpSettings {
    let ServerAddress { host, port } = ServerAddress::read(reader);
    let off = |text: &str| {
        parse::word(text, &[("off", ())])
            .map_err(|_| "must be off or unset: this version cannot authenticate anyone".to_owned())
    };
    let auth_off = reader.optional(AUTH, off).is_some();
    let guarded = auth_off || is_loopback(&host);
    reader.check(&[SERVER_HOST, AUTH], guarded, || {
        "this version cannot authenticate anyone, so others who reach SERVER_HOST could enqueue \
         messages and stop sending; write AUTH=off as well if a firewall or proxy keeps them out, \
         or SERVER_HOST=127.0.0.1"
            .to_owned()
    });
    HttpSettings { host, port, auth_off }
}

/// Whether only this machine reaches `host`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let loopback = |ip: IpAddr| ip.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_in_any_spelling() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
