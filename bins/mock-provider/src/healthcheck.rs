//! `healthcheck`: asks a running provider how it is, where there is no curl.

use std::{
    io::{Read, Write},
    net::{IpAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, ensure};

/// Longest wait for each step.
const LIMIT: Duration = Duration::from_secs(2);
const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Fails unless a provider answers at `host` and `port`. One that listens on every address is asked on loopback.
pub(crate) fn ask(host: &str, port: u16) -> anyhow::Result<()> {
    let host = reachable(host);
    let address =
        (host, port).to_socket_addrs()?.next().context("MOCK_PROVIDER_HOST has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)
        .with_context(|| format!("nobody answers at {address}"))?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.write_all(REQUEST)?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    ensure!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("healthy"),
        "{address} does not answer as a mock provider: does another program listen there?"
    );
    Ok(())
}

fn reachable(host: &str) -> &str {
    match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() && ip.is_ipv4() => "127.0.0.1",
        Ok(ip) if ip.is_unspecified() => "::1",
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{Config, MockProvider};

    #[tokio::test]
    async fn a_running_provider_is_well_also_when_it_listens_everywhere() {
        let config = Config { host: "0.0.0.0".to_owned(), ..Config::default() };
        let provider = MockProvider::start(config).await.unwrap();
        let port = provider.addr().port();

        let asked = tokio::task::spawn_blocking(move || ask("0.0.0.0", port)).await.unwrap();

        asked.unwrap();
    }

    #[test]
    fn a_port_where_nobody_listens_is_not_well() {
        // Bound and given back: free a moment ago.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();

        assert!(ask("127.0.0.1", port).unwrap_err().to_string().contains("nobody answers"));
    }

    #[test]
    fn another_program_on_the_port_is_not_well() {
        let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = other.accept().unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        });

        let error = ask("127.0.0.1", port).unwrap_err().to_string();

        assert!(error.contains("another program"), "{error}");
        answering.join().unwrap();
    }
}
