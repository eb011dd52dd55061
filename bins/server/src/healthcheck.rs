//! `healthcheck`: asks a running server how it is, where there is no curl.

use crate::{
    Failure,
    probe::{Answer, Question},
};
use anyhow::anyhow;
use clap::Args;
use dispatcher_settings::{ServerAddress, Sources, parse_duration};
use hyper::{StatusCode, Uri};
use std::{io::Write, net::IpAddr, time::Duration};

/// Options of `healthcheck`.
#[derive(Debug, Args)]
pub(crate) struct HealthcheckOptions {
    /// Ask /readyz instead of /livez: whether this replica should get requests, which it should not
    /// while the database is down.
    #[arg(long)]
    ready: bool,
    /// Address of the server, such as http://127.0.0.1:8080. Without it: SERVER_HOST and
    /// SERVER_PORT of this environment, and loopback if the server listens on every address.
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Option<Address>,
    /// Longest wait for the whole answer, such as 500ms or 2s.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = limit)]
    timeout: Duration,
}

/// An address of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    host: String,
    port: u16,
    /// What comes before our own paths, without a slash at its end.
    prefix: String,
}

/// A path, and the word that a server of ours answers there when it is well.
struct Check {
    path: &'static str,
    word: &'static str,
}

/// Asks no dependency: a restart does not mend those.
const LIVE: Check = Check { path: "/livez", word: "ok" };
const READY: Check = Check { path: "/readyz", word: "ready" };

/// Asks, and prints one line of what came.
pub(crate) async fn run(options: HealthcheckOptions) -> Result<(), Failure> {
    let check = if options.ready { READY } else { LIVE };
    let question = match &options.url {
        Some(address) => ask_at(address, &check),
        None => ask_this_server(&Sources::of_this_process(), &check)?,
    };
    let answer = question.ask(options.timeout).await.map_err(Failure::unhealthy)?;
    judge(&question, &check, &answer).map_err(Failure::unhealthy)?;
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "healthy: {question} says {}", check.word);
    Ok(())
}

fn ask_at(address: &Address, check: &Check) -> Question {
    let path = format!("{}{}", address.prefix, check.path);
    Question { hosts: vec![address.host.clone()], port: address.port, path }
}

fn ask_this_server(sources: &Sources, check: &Check) -> Result<Question, Failure> {
    let ServerAddress { host, port } = ServerAddress::load(sources).map_err(Failure::usage)?;
    if port == 0 {
        return Err(Failure::usage(anyhow!(
            "SERVER_PORT=0 takes any free port, and only the server's log tells which: \
             say --url http://127.0.0.1:PORT"
        )));
    }
    Ok(Question { hosts: reachable(host), port, path: check.path.to_owned() })
}

/// A server that listens on every address is asked on loopback; one on `::`
/// also has the IPv4 one, unless the system says otherwise.
fn reachable(host: String) -> Vec<String> {
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => vec!["127.0.0.1".to_owned()],
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => vec!["::1".to_owned(), "127.0.0.1".to_owned()],
        _ => vec![host],
    }
}

fn judge(question: &Question, check: &Check, answer: &Answer) -> anyhow::Result<()> {
    let Answer { status, text } = answer;
    match *status {
        StatusCode::OK if text == check.word => Ok(()),
        StatusCode::OK => Err(anyhow!(
            "{question} answers 200, but not with our {:?}: does another program listen there?",
            check.word
        )),
        _ => Err(anyhow!("{question} answers {}: {text}", status.as_u16())),
    }
}

fn limit(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("must be longer than 0s".to_owned()),
        limit => Ok(limit),
    }
}

fn address(text: &str) -> Result<Address, String> {
    let right = || "must look like http://127.0.0.1:8080, in plain http".to_owned();
    let url: Uri = text.parse().map_err(|_| right())?;
    let authority = url.authority().ok_or_else(right)?;
    let odd = authority.as_str().contains('@') || url.query().is_some();
    if url.scheme_str() != Some("http") || odd || authority.host().is_empty() {
        return Err(right());
    }
    Ok(Address {
        host: authority.host().trim_matches(['[', ']']).to_owned(),
        port: url.port_u16().unwrap_or(80),
        prefix: url.path().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(variables: &[(&str, &str)]) -> Result<String, String> {
        let sources = Sources::of(variables.iter().copied());
        let question = ask_this_server(&sources, &LIVE);
        question.map(|question| question.to_string()).map_err(|failure| failure.error.to_string())
    }

    #[test]
    fn the_server_of_this_environment_is_asked() {
        assert_eq!(question(&[]).unwrap(), "http://127.0.0.1:8080/livez");
        let elsewhere = [("SERVER_HOST", "10.0.0.7"), ("SERVER_PORT", "81")];
        assert_eq!(question(&elsewhere).unwrap(), "http://10.0.0.7:81/livez");
    }

    #[test]
    fn a_server_on_every_address_is_asked_on_loopback() {
        for (every, asked) in [
            ("0.0.0.0", &["127.0.0.1"][..]),
            ("::", &["::1", "127.0.0.1"]),
            ("::ffff:0.0.0.0", &["127.0.0.1"]),
            ("localhost", &["localhost"]),
        ] {
            assert_eq!(reachable(every.to_owned()), asked);
        }
    }

    #[test]
    fn a_port_that_nobody_knows_is_told() {
        let told = question(&[("SERVER_PORT", "0")]).unwrap_err();
        assert!(told.contains("SERVER_PORT=0") && told.contains("--url"), "{told}");
    }

    #[test]
    fn a_url_is_taken_apart() {
        let parts = |text: &str| address(text).map(|a| (a.host, a.port, a.prefix));
        let expected = |host: &str, port, prefix: &str| Ok((host.into(), port, prefix.into()));
        assert_eq!(parts("http://127.0.0.1:8080"), expected("127.0.0.1", 8080, ""));
        assert_eq!(parts("http://[::1]:81/"), expected("::1", 81, ""));
        assert_eq!(parts("http://host/sms/"), expected("host", 80, "/sms"));
        for wrong in ["", "host", "host:80", "https://host", "ftp://h", "http://", "/livez"] {
            assert!(parts(wrong).unwrap_err().contains("http://127.0.0.1:8080"), "{wrong}");
        }
        for odd in ["http://user:hush@host", "http://host/?a=b"] {
            assert!(!parts(odd).unwrap_err().contains("hush"), "{odd}");
        }
    }

    #[test]
    fn a_wait_has_a_unit_and_is_not_nothing() {
        assert_eq!(limit("500ms"), Ok(Duration::from_millis(500)));
        for (wrong, hint) in [("0s", "longer than 0s"), ("5", "5s"), ("soon", "such as")] {
            assert!(limit(wrong).unwrap_err().contains(hint), "{wrong}");
        }
    }
}
