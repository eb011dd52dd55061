//! Where Redis is, and what may be wrong with that.

use deadpool_redis::{
    BuildError,
    redis::{
        Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo,
        RedisError, TlsCertificates,
    },
};
use std::{fmt, io, path::PathBuf, time::Duration};

/// Where Redis is and how patient to be with it.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisConfig {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User of an access control list; `None` is the default user.
    pub username: Option<String>,
    /// Password, if it asks for one; `{:?}` does not show it. Empty is none.
    pub password: Option<String>,
    /// Number of the database.
    pub db: u32,
    /// Encrypt, and verify the server's certificate.
    pub tls: bool,
    /// PEM file with the certificates of the authorities to trust, instead of
    /// the system's. Needs `tls`.
    pub ca: Option<PathBuf>,
    /// Most connections at once.
    pub pool_size: usize,
    /// The longest that one call takes, connecting included.
    pub timeout: Duration,
}

impl RedisConfig {
    /// Redis at `host` and `port`, database 0, without password and TLS, with
    /// at most 8 connections and 1 s for each call.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            username: None,
            password: None,
            db: 0,
            tls: false,
            ca: None,
            pool_size: 8,
            timeout: Duration::from_secs(1),
        }
    }

    /// Redis at a URL: `redis://user:password@host:port/db`, or `rediss://…`
    /// for TLS. The rest is as [`RedisConfig::new`] has it.
    ///
    /// # Errors
    /// [`RedisConfigError::Url`] when it is no such URL, or asks for TLS
    /// without verification.
    pub fn from_url(url: &str) -> Result<Self, RedisConfigError> {
        let wrong = |why: &str| Err(RedisConfigError::Url(why.to_owned()));
        // Only the kind of the error: its detail may repeat part of the URL.
        let Ok(info) = url.into_connection_info() else {
            return wrong("it must look like redis://user:password@host:port/db");
        };
        let mut config = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Self::new(host, *port),
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return wrong("it must not turn verification off");
            }
            ConnectionAddr::TcpTls { host, port, .. } => {
                Self { tls: true, ..Self::new(host, *port) }
            }
            _ => return wrong("it must name a host"),
        };
        let login = info.redis_settings();
        config.username = login.username().map(str::to_owned);
        config.password = login.password().map(str::to_owned);
        let Ok(db) = login.db().try_into() else { return wrong("its database is no number") };
        config.db = db;
        Ok(config)
    }

    /// In the driver's terms, with the certificates read.
    pub(crate) fn connection_info(&self) -> Result<ConnectionInfo, RedisConfigError> {
        self.check()?;
        let mut login = RedisConnectionInfo::default().set_db(self.db.into());
        if let Some(username) = &self.username {
            login = login.set_username(username);
        }
        if let Some(password) = self.password.as_ref().filter(|password| !password.is_empty()) {
            login = login.set_password(password);
        }
        let addr = self.addr();
        let info = addr.into_connection_info().map_err(RedisConfigError::Client)?;
        self.with_authorities(info.set_redis_settings(login))
    }

    fn check(&self) -> Result<(), RedisConfigError> {
        match self {
            Self { host, .. } if host.trim().is_empty() => Err(RedisConfigError::Host),
            Self { pool_size: 0, .. } => Err(RedisConfigError::PoolSize),
            Self { timeout, .. } if timeout.is_zero() => Err(RedisConfigError::Timeout),
            Self { tls: false, ca: Some(_), .. } => Err(RedisConfigError::CaWithoutTls),
            _ => Ok(()),
        }
    }

    fn addr(&self) -> ConnectionAddr {
        let (host, port) = (self.host.clone(), self.port);
        if self.tls {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        }
    }

    fn with_authorities(&self, info: ConnectionInfo) -> Result<ConnectionInfo, RedisConfigError> {
        let Some(path) = &self.ca else { return Ok(info) };
        let pem = std::fs::read(path)
            .map_err(|source| RedisConfigError::Ca { path: path.clone(), source })?;
        if !pem.windows(MARK.len()).any(|part| part == MARK) {
            let source = io::Error::new(io::ErrorKind::InvalidData, "it holds no certificate");
            return Err(RedisConfigError::Ca { path: path.clone(), source });
        }
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem) };
        let client =
            Client::build_with_tls(info, certificates).map_err(RedisConfigError::Client)?;
        Ok(client.get_connection_info().clone())
    }
}

const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Does not show the password.
impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "<redacted>"))
            .field("db", &self.db)
            .field("tls", &self.tls)
            .field("ca", &self.ca)
            .field("pool_size", &self.pool_size)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// Why no cache can be built: always a fault of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    /// The URL is none of Redis.
    #[error("the Redis URL is not usable: {0}")]
    Url(String),
    /// The host is blank.
    #[error("the Redis host must not be blank")]
    Host,
    /// A pool of nothing.
    #[error("the Redis pool needs at least one connection")]
    PoolSize,
    /// No time to answer.
    #[error("the Redis time-out must be more than zero")]
    Timeout,
    /// Somebody believes in encryption that is not there.
    #[error("a file of certificate authorities for Redis needs TLS, and TLS is off")]
    CaWithoutTls,
    /// The file with certificate authorities cannot be used.
    #[error("the file of certificate authorities {} cannot be used", path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The driver refuses the settings.
    #[error("the Redis client cannot be built")]
    Client(#[source] RedisError),
    /// The pool refuses the settings.
    #[error("the pool of Redis connections cannot be built")]
    Pool(#[source] BuildError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> RedisConfig {
        RedisConfig::new("127.0.0.1", 6379)
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let config = RedisConfig { password: Some("s3cret".to_owned()), ..local() };
        assert!(!format!("{config:?}").contains("s3cret"));
        let info = config.connection_info().unwrap();
        assert!(!format!("{info:?}").contains("s3cret"));
    }

    #[test]
    fn a_url_is_taken_apart() {
        let config = RedisConfig::from_url("rediss://user:p%40ss@cache.example:6380/3").unwrap();
        let expected = RedisConfig {
            username: Some("user".to_owned()),
            password: Some("p@ss".to_owned()),
            db: 3,
            tls: true,
            ..RedisConfig::new("cache.example", 6380)
        };
        assert_eq!(config, expected);
        assert_eq!(RedisConfig::from_url("redis://127.0.0.1").unwrap(), local());
    }

    #[test]
    fn urls_that_are_none_or_switch_verification_off_are_refused_without_repeating_them() {
        let urls =
            ["", "s3cret", "http://s3cret/", "rediss://:s3cret@h/#insecure", "unix:///s3cret"];
        for url in urls {
            let error = RedisConfig::from_url(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn an_empty_password_is_none() {
        let config = RedisConfig { password: Some(String::new()), ..local() };
        assert_eq!(config.connection_info().unwrap().redis_settings().password(), None);
    }

    #[test]
    fn what_cannot_work_is_a_mistake() {
        let mistakes = [
            RedisConfig { host: " ".to_owned(), ..local() },
            RedisConfig { pool_size: 0, ..local() },
            RedisConfig { timeout: Duration::ZERO, ..local() },
            RedisConfig { ca: Some("/ca.pem".into()), ..local() },
            RedisConfig { tls: true, ca: Some("/does/not/exist.pem".into()), ..local() },
            RedisConfig { tls: true, ca: Some(file!().into()), ..local() },
        ];
        for config in mistakes {
            assert!(config.connection_info().is_err(), "{config:?}");
        }
    }
}
