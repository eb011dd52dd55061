//! From settings to the PostgreSQL adapter.

use dispatcher_postgres::{PgConfig, PgServer};
use dispatcher_settings::{PostgresSettings, SslMode};

/// What the PostgreSQL adapter has to know.
#[must_use]
pub fn pg_config(settings: &PostgresSettings) -> PgConfig {
    // Taken apart, so that a new setting cannot be forgotten here.
    let PostgresSettings {
        servers,
        name,
        user,
        password,
        sslmode,
        sslrootcert,
        pool_size,
        timeout,
    } = settings;
    PgConfig {
        servers: servers
            .iter()
            .map(|server| PgServer { host: server.host.clone(), port: server.port })
            .collect(),
        name: name.clone(),
        user: user.clone(),
        password: password.expose().to_owned(),
        sslmode: ssl_mode(*sslmode),
        sslrootcert: sslrootcert.clone(),
        pool_size: *pool_size,
        timeout: *timeout,
    }
}

fn ssl_mode(mode: SslMode) -> dispatcher_postgres::SslMode {
    match mode {
        SslMode::Disable => dispatcher_postgres::SslMode::Disable,
        SslMode::Require => dispatcher_postgres::SslMode::Require,
        SslMode::VerifyCa => dispatcher_postgres::SslMode::VerifyCa,
        SslMode::VerifyFull => dispatcher_postgres::SslMode::VerifyFull,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_settings::{Settings, Sources};

    fn config(variables: &[(&str, &str)]) -> PgConfig {
        let settings = Settings::load(Sources::of(variables.iter().copied())).unwrap();
        pg_config(settings.database.postgres().unwrap())
    }

    #[test]
    fn every_setting_reaches_the_adapter() {
        let config = config(&[
            ("DB_HOST", "db.internal,db2"),
            ("DB_PORT", "6432,6433"),
            ("DB_NAME", "queue"),
            ("DB_USER", "me"),
            ("DB_PASSWORD", "0123"),
            ("DB_POOL_SIZE", "7"),
            ("DB_TIMEOUT", "1500ms"),
        ]);
        let servers: Vec<_> = config.servers.iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["db.internal:6432", "db2:6433"]);
        assert_eq!((config.name.as_str(), config.user.as_str()), ("queue", "me"));
        assert_eq!(config.password, "0123");
        assert_eq!((config.pool_size, config.timeout.as_millis()), (7, 1500));
    }

    #[test]
    fn each_ssl_mode_stays_what_it_is() {
        use dispatcher_postgres::SslMode::{Disable, Require, VerifyCa, VerifyFull};
        let modes = [
            ("disable", Disable),
            ("require", Require),
            ("verify-ca", VerifyCa),
            ("verify-full", VerifyFull),
        ];
        for (word, mode) in modes {
            assert_eq!(config(&[("DB_SSLMODE", word)]).sslmode, mode);
        }
    }
}
