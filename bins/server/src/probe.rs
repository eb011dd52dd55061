//! One question to a server over plain HTTP, with an end.

use anyhow::{Context, anyhow, bail};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{CONNECTION, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use std::{fmt, time::Duration};
use tokio::net::TcpStream;

/// Our own answers are words; a page of somebody else's is not worth reading.
const LONGEST_BODY: usize = 1024;

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// Addresses or names of the server, the likeliest first; IPv6 without
    /// brackets. Not empty.
    pub(crate) hosts: Vec<String>,
    pub(crate) port: u16,
    /// With its leading slash.
    pub(crate) path: String,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The first line, without what a terminal could take for a command.
    pub(crate) text: String,
}

impl Question {
    /// Asks, and waits no longer than `limit` for all of it.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn ask(&self, limit: Duration) -> anyhow::Result<Answer> {
        match tokio::time::timeout(limit, self.converse()).await {
            Ok(answer) => answer,
            Err(_) => bail!("{self} did not answer within {limit:?}"),
        }
    }

    async fn converse(&self) -> anyhow::Result<Answer> {
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its end, good or bad, is told to whoever waits for the answer.
        let connection = tokio::spawn(connection);
        let response = sender.send_request(self.request()?).await;
        let response = response.map_err(|error| self.no_answer(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_BODY).collect().await;
        connection.abort();
        // What is cut off or too long is none of our answers.
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        Ok(Answer { status, text: first_line(&body) })
    }

    async fn connect(&self) -> anyhow::Result<TcpStream> {
        let mut refusal = anyhow!("there is no address to ask");
        for host in &self.hosts {
            match TcpStream::connect((host.as_str(), self.port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    let place = authority(host, self.port);
                    refusal = anyhow!(error).context(format!("cannot connect to {place}"));
                }
            }
        }
        Err(refusal)
    }

    fn request(&self) -> anyhow::Result<Request<Empty<Bytes>>> {
        Request::get(&self.path)
            .header(HOST, self.authority())
            .header(USER_AGENT, "message-dispatcher-healthcheck")
            .header(CONNECTION, "close")
            .body(Empty::new())
            .context("the question is no HTTP request")
    }

    fn no_answer(&self, error: &hyper::Error) -> anyhow::Error {
        if error.is_parse() {
            anyhow!("{self} is not answered in HTTP: does another program listen there?")
        } else {
            anyhow!("{self} is not answered: the connection was closed")
        }
    }

    fn authority(&self) -> String {
        authority(self.hosts.first().map_or("", String::as_str), self.port)
    }
}

/// As a URL, for people.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_is_shown_in_brackets() {
        let question = Question { hosts: vec!["::1".into()], port: 8080, path: "/livez".into() };
        assert_eq!(question.to_string(), "http://[::1]:8080/livez");
    }

    #[tokio::test]
    async fn the_next_address_is_asked_when_the_first_refuses() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Nobody else has it on `::1`, or there is no IPv6: refused either way.
        let hosts = vec!["::1".into(), "127.0.0.1".into()];
        let question = Question { hosts, port, path: "/livez".into() };
        let (connected, accepted) = tokio::join!(question.connect(), listener.accept());
        assert_eq!(connected.unwrap().local_addr().unwrap(), accepted.unwrap().1);
    }

    #[test]
    fn an_answer_is_shown_as_one_harmless_line() {
        assert_eq!(first_line(b"\n ok\x1b[31m\nmore"), "ok[31m");
        assert_eq!(first_line(&[0xff]), "\u{fffd}");
        assert_eq!(first_line(b""), "");
    }
}
