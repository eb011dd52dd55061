//! The operators' API.

use super::ProviderUrl;
use crate::{
    parse,
    reader::Reader,
    server_address::ServerAddress,
    variables::{AUTH, SERVER_HOST, SERVER_PORT, SMS_API_URL},
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

/// `provider` is read before: it must be somebody else.
pub(crate) fn read(reader: &mut Reader, provider: &ProviderUrl) -> HttpSettings {
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
    // Our own API refuses what it does not know, for good: messages would fail.
    let other = provider.port() != Some(port) || !reaches(provider.bare_host(), &host);
    reader.check(&[SMS_API_URL, SERVER_PORT], other, || {
        "messages would be sent to this service itself; write the provider's address in \
         SMS_API_URL, or another SERVER_PORT if the provider has this one"
            .to_owned()
    });
    HttpSettings { host, port, auth_off }
}

/// Whether `host`, which stands in a URL, leads to who listens on `listener`.
/// Of other machines' names we know nothing.
fn reaches(host: &str, listener: &str) -> bool {
    let everywhere = listener.parse().is_ok_and(|ip: IpAddr| ip.is_unspecified());
    let same = match (host.parse::<IpAddr>(), listener.parse::<IpAddr>()) {
        (Ok(host), Ok(listener)) => host.to_canonical() == listener.to_canonical(),
        _ => is_loopback(listener),
    };
    is_loopback(host) && (everywhere || same)
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
    fn only_an_address_that_surely_leads_to_us_is_ours() {
        for (host, listener) in [
            ("localhost", "127.0.0.1"),
            ("127.0.0.1", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::"),
            ("127.0.0.1", "0.0.0.0"),
        ] {
            assert!(reaches(host, listener), "{host} {listener}");
        }
        for (host, listener) in [
            ("sms.example.com", "0.0.0.0"),
            ("127.0.0.2", "127.0.0.1"),
            ("::1", "127.0.0.1"),
            ("localhost", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert!(!reaches(host, listener), "{host} {listener}");
        }
    }

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
