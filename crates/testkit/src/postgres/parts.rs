//! The address of a database in pieces, and as one URL.

use anyhow::{Context, ensure};

/// Where a database is and who may enter.
///
/// ```
/// use dispatcher_testkit::postgres::PostgresParts;
///
/// let parts = PostgresParts::parse("postgres://me:p%40ss@localhost/shop")?;
/// assert_eq!((parts.port, parts.password.as_str()), (5432, "p@ss"));
/// assert_eq!(parts.url(), "postgres://me:p%40ss@localhost:5432/shop");
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresParts {
    /// Name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the role.
    pub user: String,
    /// Its password, not encoded; empty when there is none.
    pub password: String,
    /// Name of the database.
    pub dbname: String,
}

impl PostgresParts {
    /// Reads `postgres://user:password@host:port/dbname`. Port, password and database have the usual
    /// defaults: 5432, none, the name of the user.
    ///
    /// # Errors
    ///
    /// When the text is no such URL. Parameters after `?` are refused rather than ignored.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        // The URL holds a password: errors must not repeat it.
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.context("a PostgreSQL URL starts with postgres://")?;
        ensure!(!rest.contains('?'), "parameters after `?` are not supported in test URLs");
        let (entry, address) = rest.rsplit_once('@').context("the URL names no user")?;
        let (user, password) = entry.split_once(':').unwrap_or((entry, ""));
        let (place, dbname) = address.split_once('/').unwrap_or((address, ""));
        let (host, port) = host_and_port(place)?;
        let user = decode(user)?;
        let dbname = if dbname.is_empty() { user.clone() } else { decode(dbname)? };
        Ok(Self { host, port, user, password: decode(password)?, dbname })
    }

    /// All of it as one URL.
    pub fn url(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let (user, password, dbname) =
            (encode(&self.user), encode(&self.password), encode(&self.dbname));
        format!("postgres://{user}:{password}@{host}:{}/{dbname}", self.port)
    }

    /// The same server and user, another database.
    #[must_use]
    pub fn with_dbname(&self, dbname: &str) -> Self {
        Self { dbname: dbname.to_owned(), ..self.clone() }
    }
}

fn host_and_port(place: &str) -> anyhow::Result<(String, u16)> {
    let (host, port) = match place.rsplit_once(':') {
        // The last colon of a bare [::1] is a part of the address.
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (place, "5432"),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ensure!(
        !host.is_empty(),
        "the URL names no host (sockets in the file system are not supported)"
    );
    let port = port.parse().with_context(|| format!("{port:?} is no port number"))?;
    Ok((host.to_owned(), port))
}

/// Percent-encodes what has a meaning in URLs (RFC 3986, section 2.3: all but the unreserved).
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> anyhow::Result<String> {
    let mut pieces = text.split('%');
    let mut bytes: Vec<u8> = pieces.next().unwrap_or_default().bytes().collect();
    for piece in pieces {
        let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.context("`%` in a URL needs two hexadecimal digits after it")?);
        bytes.extend(piece[2..].bytes());
    }
    String::from_utf8(bytes).context("the URL is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        let parts = PostgresParts {
            host: "::1".into(),
            port: 6543,
            user: "a user".into(),
            password: "p:a@s/s%?ü".into(),
            dbname: "shop".into(),
        };

        assert_eq!(PostgresParts::parse(&parts.url()).unwrap(), parts);
    }

    #[test]
    fn defaults_are_those_of_postgresql() {
        let parts = PostgresParts::parse("postgresql://me@db").unwrap();

        assert_eq!((parts.port, parts.password.as_str(), parts.dbname.as_str()), (5432, "", "me"));
    }

    #[test]
    fn mistakes_are_named_without_the_password() {
        for url in ["mysql://u:geheim@h/d", "postgres://u:geheim@h:x/d", "postgres://u:geheim@/d"] {
            let error = format!("{:#}", PostgresParts::parse(url).unwrap_err());
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
