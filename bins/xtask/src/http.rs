//! Just enough HTTP to talk to our own server, so that this program compiles in seconds.
//!
//! The requests say HTTP/1.0: then the answer ends with the connection and never comes in chunks
//! (RFC 9112, section 6.3).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(30);

/// A server on this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server {
    pub(crate) port: u16,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Server {
    pub(crate) fn get(self, path: &str) -> anyhow::Result<Answer> {
        self.send("GET", path, "")
    }

    pub(crate) fn post(self, path: &str, body: &str) -> anyhow::Result<Answer> {
        self.send("POST", path, body)
    }

    fn send(self, method: &str, path: &str, body: &str) -> anyhow::Result<Answer> {
        let port = self.port;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        self.exchange(&request).with_context(|| format!("{method} {path}"))
    }

    fn exchange(self, request: &str) -> anyhow::Result<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).context("cannot connect")?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context("cannot read the answer")?;
        parse(&answer)
    }
}

impl Answer {
    /// Status and the start of the body, for people.
    pub(crate) fn shown(&self) -> String {
        const SHOWN: usize = 200;
        let start: String = self.body.chars().take(SHOWN).collect();
        let more = if start.len() < self.body.len() { "…" } else { "" };
        format!("{} {start}{more}", self.status)
    }

    /// Fails unless the status says success.
    pub(crate) fn success(self) -> anyhow::Result<Self> {
        ensure!((200..300).contains(&self.status), "answered {}: {}", self.status, self.body);
        Ok(self)
    }

    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {}", self.body))
    }
}

fn parse(answer: &str) -> anyhow::Result<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of headers")?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { joined(body) } else { body.to_owned() };
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("no status in {head:?}"))?;
    Ok(Answer { status, body })
}

/// The pieces of a streamed body: each is a line with its length in hexadecimal, and so many bytes.
fn joined(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        let Some(piece) = after.get(..length).filter(|piece| !piece.is_empty()) else { break };
        body.push_str(piece);
        rest = after[length..].trim_start_matches("\r\n");
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_read() {
        let answer = parse("HTTP/1.1 202 Accepted\r\nA: b\r\n\r\n{\"id\":1}").unwrap();

        assert_eq!((answer.status, answer.json().unwrap()["id"].as_i64()), (202, Some(1)));
    }

    #[test]
    fn a_refusal_is_an_error_with_its_text() {
        let answer = parse("HTTP/1.1 400 Bad Request\r\n\r\nno phone number").unwrap();

        assert!(answer.success().unwrap_err().to_string().contains("400: no phone number"));
    }
}
