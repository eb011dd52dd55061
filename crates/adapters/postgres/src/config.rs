//! How to reach a PostgreSQL server.

use std::{fmt, path::PathBuf, time::Duration};

/// How to reach a PostgreSQL server, and how long to wait for it.
#[derive(Clone)]
pub struct PgConfig {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
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
            host: host.to_owned(),
            port,
            name: name.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            sslmode: SslMode::Disable,
            sslrootcert: None,
            pool_size: 16,
            timeout: Duration::from_secs(5),
        }
    }

    pub(crate) fn driver_config(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host(&self.host)
            .port(self.port)
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
            .field("host", &self.host)
            .field("port", &self.port)
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
