//! Just enough of the Redis protocol to send one command, so that this crate needs no Redis driver.
//! Source: the protocol specification "RESP", version 2.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};

const LIMIT: Duration = Duration::from_secs(60);

/// Sends a command, after logging in if there is a password; gives the reply as text, one line per element.
pub(super) fn send(port: u16, password: Option<&str>, command: &[&str]) -> anyhow::Result<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).context("cannot connect to Redis")?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut stream = BufReader::new(stream);
    if let Some(password) = password {
        exchange(&mut stream, &["AUTH", password])?;
    }
    exchange(&mut stream, command)
}

fn exchange(stream: &mut BufReader<TcpStream>, command: &[&str]) -> anyhow::Result<String> {
    stream.get_mut().write_all(&encode(command)).context("cannot write to Redis")?;
    reply(stream)
}

fn encode(command: &[&str]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", command.len());
    for word in command {
        request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    request.into_bytes()
}

fn reply(stream: &mut impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).context("cannot read from Redis")?;
    let line = line.trim_end();
    let (kind, rest) = line.split_at_checked(1).context("Redis closed the connection")?;
    match kind {
        "+" | ":" => Ok(rest.to_owned()),
        "-" => bail!("Redis answered: {rest}"),
        "$" => bulk(stream, rest.parse()?),
        "*" => (0..rest.parse::<i64>()?)
            .map(|_| reply(stream))
            .collect::<Result<Vec<_>, _>>()
            .map(|all| all.join("\n")),
        _ => bail!("Redis answered something unknown: {line:?}"),
    }
}

/// A missing value (length -1) reads as the empty text.
fn bulk(stream: &mut impl Read, length: i64) -> anyhow::Result<String> {
    const LINE_END: usize = 2;
    let Ok(length) = usize::try_from(length) else {
        return Ok(String::new());
    };
    let mut value = vec![0; length + LINE_END];
    stream.read_exact(&mut value).context("cannot read from Redis")?;
    value.truncate(length);
    Ok(String::from_utf8_lossy(&value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_with_their_lengths() {
        assert_eq!(encode(&["GET", "ü"]), "*2\r\n$3\r\nGET\r\n$2\r\nü\r\n".as_bytes());
    }

    #[test]
    fn every_kind_of_reply_is_read() {
        let text = |mut bytes: &[u8]| reply(&mut bytes).unwrap();
        assert_eq!(text(b"+OK\r\n"), "OK");
        assert_eq!(text(b":7\r\n"), "7");
        assert_eq!(text(b"$3\r\nabc\r\n"), "abc");
        assert_eq!(text(b"$-1\r\n"), "");
        assert_eq!(text(b"*2\r\n$1\r\na\r\n:1\r\n"), "a\n1");
    }

    #[test]
    fn an_error_reply_is_an_error() {
        let error = reply(&mut b"-NOAUTH Authentication required.\r\n".as_slice()).unwrap_err();

        assert!(error.to_string().contains("NOAUTH"), "{error}");
    }
}
