//! About the database.

use crate::{
    groups::{
        database::{PostgresSettings, SslMode},
        http::is_loopback,
    },
    layers::Layers,
    notice::Notice,
    settings::Settings,
    variables::{DB_PASSWORD, DB_POOL_SIZE},
};

pub(super) fn sslmode(settings: &Settings) -> Option<Notice> {
    let database = settings.database.postgres()?;
    match database.sslmode {
        SslMode::Disable if is_here(database) => {
            Some(Notice::info("DB_SSLMODE=disable: the database connection is not encrypted"))
        }
        SslMode::Disable => Some(Notice::warn(format!(
            "DB_SSLMODE=disable: passwords and messages travel to {} in the open; \
             verify-full protects them",
            database.hosts()
        ))),
        SslMode::Require => Some(Notice::warn(
            "DB_SSLMODE=require encrypts but verifies nothing: anyone may pose as the database; \
             verify-full prevents that",
        )),
        SslMode::VerifyCa | SslMode::VerifyFull => None,
    }
}

pub(super) fn unused_root_cert(settings: &Settings) -> Option<Notice> {
    let database = settings.database.postgres()?;
    let unused = database.sslmode == SslMode::Disable && database.sslrootcert.is_some();
    unused.then(|| Notice::warn("DB_SSLROOTCERT has no effect with DB_SSLMODE=disable"))
}

pub(super) fn default_password(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let database = settings.database.postgres()?;
    let forgotten = !is_here(database) && !layers.is_given(DB_PASSWORD);
    forgotten.then(|| {
        Notice::warn(format!(
            "DB_PASSWORD is not set: {} gets the default that everybody knows; \
             set DB_PASSWORD or DB_PASSWORD_FILE",
            database.hosts()
        ))
    })
}

pub(super) fn one_file(settings: &Settings, layers: &Layers) -> Option<Notice> {
    let unused = settings.database.sqlite().is_some() && layers.is_given(DB_POOL_SIZE);
    unused.then(|| Notice::info("DB_POOL_SIZE has no effect on a SQLite file"))
}

/// Reached without leaving this machine.
fn is_here(database: &PostgresSettings) -> bool {
    let is_here = |host: &str| is_loopback(host) || host.starts_with('/');
    database.servers.iter().all(|server| is_here(&server.host))
}
