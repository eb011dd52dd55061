//! Where the queue is kept.

use super::{
    connection_url::{self, DatabaseUrl},
    database_servers::{self, DatabaseServer},
};
use crate::{
    parse::{self, duration},
    reader::Reader,
    secret::Secret,
    variables::{
        DATABASE_URL, DB_HOST, DB_NAME, DB_PASSWORD, DB_POOL_SIZE, DB_PORT, DB_SSLMODE,
        DB_SSLROOTCERT, DB_TIMEOUT, DB_USER, Variable,
    },
};
use std::{path::PathBuf, time::Duration};

/// Where the queue is kept; the scheme of `DATABASE_URL` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseSettings {
    /// A server for many replicas.
    Postgres(PostgresSettings),
    /// A file for one process.
    Sqlite(SqliteSettings),
}

impl DatabaseSettings {
    /// The PostgreSQL server, if it is one.
    #[must_use]
    pub fn postgres(&self) -> Option<&PostgresSettings> {
        match self {
            Self::Postgres(postgres) => Some(postgres),
            Self::Sqlite(_) => None,
        }
    }

    /// The SQLite file, if it is one.
    #[must_use]
    pub fn sqlite(&self) -> Option<&SqliteSettings> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite),
            Self::Postgres(_) => None,
        }
    }
}

/// Which SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteSettings {
    /// The file, as it was written: may be relative to the working directory.
    pub path: PathBuf,
    /// Deadline of one call; not zero.
    pub timeout: Duration,
}

/// How to reach PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// Where it is: one server, or several of which one at a time takes writes.
    /// Not empty.
    pub servers: Vec<DatabaseServer>,
    /// Name of the database.
    pub name: String,
    /// User to log in as.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// Encryption and verification.
    pub sslmode: SslMode,
    /// PEM file of the authorities that the two verifying modes trust; `None`:
    /// those of the system. It was readable a moment ago.
    pub sslrootcert: Option<PathBuf>,
    /// Most connections of this instance, 1 to 1024.
    pub pool_size: usize,
    /// Deadline of one call; not zero.
    pub timeout: Duration,
}

/// Encryption of the database connection, as libpq means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// No encryption.
    Disable,
    /// Encryption; whoever answers is believed.
    Require,
    /// The certificate must come from a trusted authority.
    VerifyCa,
    /// And carry the name of the host.
    VerifyFull,
}

const SSL_MODES: [(&str, SslMode); 4] = [
    ("disable", SslMode::Disable),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

impl PostgresSettings {
    /// The hosts, for people.
    pub(crate) fn hosts(&self) -> String {
        let hosts: Vec<_> = self.servers.iter().map(|server| server.host.as_str()).collect();
        hosts.join(" and ")
    }
}

/// What says something only about PostgreSQL.
const OF_POSTGRES: [Variable; 7] =
    [DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, DB_SSLMODE, DB_SSLROOTCERT];

pub(crate) fn read(reader: &mut Reader) -> DatabaseSettings {
    match reader.optional(DATABASE_URL, connection_url::database) {
        Some(DatabaseUrl::Sqlite(path)) => {
            reader.leaves_no_room_for(DATABASE_URL, &OF_POSTGRES, || {
                "DATABASE_URL names a SQLite file, and the others a PostgreSQL server; \
                 leave the one or the others out"
                    .to_owned()
            });
            let timeout = reader.required(DB_TIMEOUT, duration::parse_positive);
            return DatabaseSettings::Sqlite(SqliteSettings { path, timeout });
        }
        Some(DatabaseUrl::Postgres(parts)) => reader.replace_by_parts_of(DATABASE_URL, &parts),
        None => {}
    }
    DatabaseSettings::Postgres(read_postgres(reader))
}

fn read_postgres(reader: &mut Reader) -> PostgresSettings {
    let settings = PostgresSettings {
        servers: read_servers(reader),
        name: reader.required(DB_NAME, parse::text),
        user: reader.required(DB_USER, parse::text),
        password: Secret::new(reader.required(DB_PASSWORD, parse::text)),
        sslmode: reader.required(DB_SSLMODE, |text| parse::word(text, &SSL_MODES)),
        sslrootcert: reader.optional(DB_SSLROOTCERT, parse::readable_file),
        pool_size: reader.required(DB_POOL_SIZE, |text| parse::whole(text, 1..=1024)),
        timeout: reader.required(DB_TIMEOUT, duration::parse_positive),
    };
    // libpq verifies with `require` as soon as there is a root certificate. Who
    // relies on that must not silently get less.
    let clear = settings.sslmode != SslMode::Require || settings.sslrootcert.is_none();
    reader.check(&[DB_SSLMODE, DB_SSLROOTCERT], clear, || {
        "DB_SSLMODE=require verifies nothing and has no use for DB_SSLROOTCERT; \
         write DB_SSLMODE=verify-full (or verify-ca), or leave DB_SSLROOTCERT out"
            .to_owned()
    });
    settings
}

fn read_servers(reader: &mut Reader) -> Vec<DatabaseServer> {
    let hosts = reader.required(DB_HOST, database_servers::hosts);
    let ports = reader.required(DB_PORT, database_servers::ports);
    let servers = database_servers::pair(hosts, &ports);
    reader.check(&[DB_HOST, DB_PORT], servers.is_some(), || {
        "DB_PORT must be one port for all servers of DB_HOST, or a list with one for each"
            .to_owned()
    });
    // Empty settings are thrown away with the error.
    servers.unwrap_or_default()
}
