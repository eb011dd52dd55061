//! From the driver's errors to what a caller can do about them.

use crate::codes::{REFUSALS, STANDBY};
use deadpool_postgres::{PoolError, TimeoutType};
use dispatcher_domain::ports::StoreError;
use std::{path::PathBuf, time::Duration};

/// The configuration cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The certificate file cannot be read.
    #[error("the CA certificates in {path} cannot be read")]
    RootCertificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The certificate file has none.
    #[error("there is no CA certificate in {path}")]
    NoRoots {
        /// The file.
        path: PathBuf,
    },
    /// The operating system brings no certificates.
    #[error("this system has no CA certificates: name a file of them")]
    NoSystemRoots,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// TLS cannot verify certificates.
    #[error("TLS cannot verify certificates")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
    /// The pool cannot be built.
    #[error("the connection pool cannot be built")]
    Pool(#[from] deadpool_postgres::BuildError),
}

/// The server did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer from PostgreSQL within {0:?}")]
pub(crate) struct TimedOut(pub(crate) Duration);

/// The server committed with a warning: it has it, but perhaps alone.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL warned during COMMIT: a standby may not have it")]
pub(crate) struct NotReplicated;

/// What the server answered instead of a result.
///
/// Not the driver's error: that one shows the DETAIL, in which the server quotes
/// rows, and with them phone numbers and texts.
#[derive(Debug, thiserror::Error)]
#[error("{severity}: {message} (SQLSTATE {code})")]
pub(crate) struct ServerError {
    severity: String,
    pub(crate) message: String,
    pub(crate) code: String,
    pub(crate) constraint: Option<String>,
}

/// A statement failed before COMMIT was sent: nothing took effect.
pub(crate) fn statement_failed(error: tokio_postgres::Error) -> StoreError {
    if is_transient(&error) {
        StoreError::Unavailable(without_rows(error))
    } else {
        StoreError::Unexpected(without_rows(error))
    }
}

/// BEGIN failed. A standby may be the primary soon.
pub(crate) fn begin_failed(error: StoreError) -> StoreError {
    match error {
        StoreError::Unexpected(cause)
            if cause.downcast_ref::<ServerError>().is_some_and(|it| it.code == STANDBY) =>
        {
            StoreError::Unavailable(cause)
        }
        other => other,
    }
}

/// The error, less what quotes rows.
pub(crate) fn without_rows(
    error: tokio_postgres::Error,
) -> Box<dyn std::error::Error + Send + Sync> {
    match error.as_db_error() {
        Some(db) => Box::new(ServerError {
            severity: db.severity().to_owned(),
            message: db.message().to_owned(),
            code: db.code().code().to_owned(),
            constraint: db.constraint().map(str::to_owned),
        }),
        None => error.into(),
    }
}

/// What the server answered, if that is why a call failed.
pub(crate) fn server_error(error: &StoreError) -> Option<&ServerError> {
    std::error::Error::source(error)?.downcast_ref()
}

/// The pool gave no connection within `timeout`.
pub(crate) fn pool_failed(error: PoolError, timeout: Duration) -> StoreError {
    match error {
        PoolError::Backend(error) => statement_failed(error),
        // The server took the connection, and then said nothing.
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
            StoreError::Unavailable(TimedOut(timeout).into())
        }
        other => StoreError::Unavailable(other.into()),
    }
}

/// Answers that come from a server going down, a role that may log in again
/// later, a lost race or a time-out, rather than from a statement that is wrong.
fn is_transient(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code().map(tokio_postgres::error::SqlState::code) else {
        return true; // No answer of the server at all: the connection broke.
    };
    // 08 connection, 25006 read-only (a standby), 25P0x idle time-outs, 40
    // deadlock and serialization, 53 out of resources, 55 lock not available,
    // 57 shutdown, cancel, cannot connect now, 58 system error.
    ["08", "25006", "25P03", "25P04", "40", "53", "55", "57", "58"]
        .iter()
        .chain(&REFUSALS)
        .any(|class| code.starts_with(class))
}
