//! How to reach a PostgreSQL server.

use std::{fmt, path::PathBuf, time::Duration};

/// How to reach a PostgreSQL server, and how long to wait for it.
#[derive(Clone)]
pub struct PgConfig {
    /// Where it is. One, or several of which one is the primary: the first that takes writes is used,
    /// and left when another one does. Not empty.
    pub servers: Vec<PgServer>,
    /// Database name.
    pub name: String,
    /// Role.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Encryption and verification, by libpq's names.
    pub sslmode: SslMode,
    /// CA certificates in PEM; `None`: those of the operating system.
    pub sslrootcert: Option<PathBuf>,
    /// Most connections of this process.
    pub pool_size: usize,
    /// Longest time that one call may take: waiting for a connection and each
    /// transaction together.
    pub timeout: Duration,
}

/// A server, or one of those that may be the primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgServer {
    /// Host name, address, or directory of a Unix socket.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for PgServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// What libpq's `sslmode` of the same name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SslMode {
    /// No encryption.
    #[default]
    Disable,
    /// Encryption, but the server may be anybody.
    Require,
    /// Encryption, and a certificate of a trusted authority for any host.
    VerifyCa,
    /// Encryption, and a certificate of a trusted authority for this host.
    VerifyFull,
}

impl PgConfig {
    /// A configuration without encryption, 16 connections and 5 s.
    #[must_use]
    pub fn new(host: &str, port: u16, name: &str, user: &str, password: &str) -> Self {
        Self {
            servers: vec![PgServer { host: host.to_owned(), port }],
            name: name.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            sslmode: SslMode::Disable,
            sslrootcert: None,
            pool_size: 16,
            timeout: Duration::from_secs(5),
        }
    }

    pub(crate) fn driver_config(&self, server: &PgServer) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host(&server.host)
            .port(server.port)
            .dbname(&self.name)
            .user(&self.user)
            .password(&self.password)
            .application_name("message-dispatcher")
            .connect_timeout(self.timeout)
            .keepalives_idle(Duration::from_secs(30))
            .ssl_mode(match self.sslmode {
                SslMode::Disable => tokio_postgres::config::SslMode::Disable,
                _ => tokio_postgres::config::SslMode::Require,
            });
        config
    }
}

/// Leaves the password out.
impl fmt::Debug for PgConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgConfig")
            .field("servers", &self.servers)
            .field("name", &self.name)
            .field("user", &self.user)
            .field("sslmode", &self.sslmode)
            .field("pool_size", &self.pool_size)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_password() {
        let config = PgConfig::new("db", 5432, "messages_db", "postgres", "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
